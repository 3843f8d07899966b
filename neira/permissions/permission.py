"""One permission as a value: read from text once, compared ever after.

The manifest reader gets `parse` from the kernel; grants, trust and decisions work on the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from neira.errors.plugin import UnknownPermission
from neira.parse.fields import quoted
from neira.parse.near import nearest
from neira.permissions import objects
from neira.permissions.objects import BadObject, Object, Pattern
from neira.permissions.table import Risk, Takes, names, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from neira.permissions.table import Row

RUN_COMMAND = (
    "running commands is no permission here: a plugin uses the host functions, and a program of its own "
    "runs as a plugin of the kind container"
)
_COMMANDS = ("runcommand", "command:run", "process:run", "process:exec", "process:spawn", "shell:run")
_READERS: Mapping[Takes, Callable[[str], Object]] = MappingProxyType(
    {Takes.HOST: objects.host, Takes.PATH: objects.path, Takes.PATTERN: objects.pattern}
)


@dataclass(frozen=True, slots=True)
class Permission:
    """A row of the table, and the one thing it is about; without a thing it is *bare*."""

    row: Row
    object: Object | None = None

    def __str__(self) -> str:
        return self.row.name if self.object is None else f"{self.row.name}:{self.object}"

    @property
    def bare(self) -> bool:
        """Tell whether it could name an object and names none."""
        return self.object is None and self.row.takes is not Takes.NOTHING

    def covers(self, other: Permission) -> bool:
        """Tell whether holding this is enough for the other; a bare one covers no object."""
        if self.row is not other.row:
            return False
        match self.object, other.object:
            case None, None:
                return True
            case objects.Host() as mine, objects.Host() as theirs:
                return mine.covers(theirs)
            case objects.Path() as mine, objects.Path() as theirs:
                return mine.covers(theirs)
            case objects.Pattern() as mine, objects.Pattern() as theirs:
                return mine.covers(theirs)
            case _:
                return False

    def admits(self, other: Permission) -> bool:
        """Tell whether a manifest that asks for this may be granted the other; a bare one leaves it open."""
        return self.covers(other) or (self.bare and self.row is other.row)

    def own(self, plugin: str) -> bool:
        """Tell whether it stays below a plugin's own id."""
        if not self.row.own_is_low:
            return False
        return self.object is None or (isinstance(self.object, Pattern) and self.object.lies_in(plugin))

    def risk_for(self, plugin: str) -> Risk:
        """Say how risky it is in the hands of a plugin."""
        return Risk.LOW if self.own(plugin) else self.row.risk


def parse(text: str) -> Permission:
    """Read `area:verb[:object]` or another spelling of it, or say what was perhaps meant."""
    name, thing = _split(text)
    row = row_of(name)
    if row is None:
        raise _unknown(text, name, thing)
    if thing is None:
        if row.needs_object:
            raise UnknownPermission(quoted(text), f"{row.name}:<{row.takes}>")
        return Permission(row)
    if row.takes is Takes.NOTHING:
        raise UnknownPermission(quoted(text), f"{row.name} as it is, without anything behind it", row.name)
    return Permission(row, _object(text, row, thing))


def _split(text: str) -> tuple[str, str | None]:
    """Split at the first two colons; a foreign spelling has no colon of its own."""
    head, mark, rest = text.partition(":")
    if ":" not in head and head.isalpha() and row_of(head):
        return head, rest if mark else None
    verb, mark, thing = rest.partition(":")
    return f"{head}:{verb}", thing if mark else None


def _object(text: str, row: Row, thing: str) -> Object:
    if len(thing) > objects.LONGEST:
        raise UnknownPermission(quoted(text), f"at most {objects.LONGEST} characters")
    try:
        return _READERS[row.takes](thing)
    except BadObject as error:
        raise UnknownPermission(quoted(text), f"{row.name}: followed by {error}") from None


def _unknown(text: str, name: str, thing: str | None) -> UnknownPermission:
    if text.lower().startswith(_COMMANDS):
        return UnknownPermission(quoted(text), f"no such thing: {RUN_COMMAND}")
    known = "; ".join(row for row in names() if ":" in row)
    near = nearest(name, names())
    return UnknownPermission(quoted(text), f"one of {known}", f"{near}:{thing}" if near and thing else near)
