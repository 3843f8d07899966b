"""What stands behind the second colon: hosts, paths and patterns, brought to one spelling.

`permission.py` calls it. Each kind is a frozen value that knows what it covers; equal powers are equal
values, so a digest or a comparison never depends on how somebody typed them.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TypeAlias

LONGEST = 1_000
HOST_RULE = "a host such as api.example.com, api.example.com:8443, *.example.com, [2001:db8::1]:443 or *"
PATH_RULE = "an absolute path without .., such as /srv/data"
PATTERN_RULE = "a name such as notes.saved, or a pattern such as notes.*, with * for a whole segment"

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_HOST = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::(?P<port>[^:]*))?")
_SEGMENT = re.compile(r"(?P<word>\*|[a-z0-9_-]+)(?P<mark>[.:]?)")
_NAT64 = "64:ff9b::/96"  # RFC 6052
_NEAR_NAMES = ("localhost", "local", "internal")  # last labels that never mean a public host
_LAST_PORT = 65_535
_LONGEST_NAME = 253


class BadObject(ValueError):
    """An object that cannot be read; says what is allowed."""


@dataclass(frozen=True, slots=True)
class Host:
    """Hosts of outgoing requests: a name, an address, one label (`*.name`), or any public one (`*`)."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        shown = f"[{self.name}]" if ":" in self.name else self.name
        return shown if self.port is None else f"{shown}:{self.port}"

    def covers(self, other: Host) -> bool:
        """Tell whether every host that the other means is meant here too."""
        if self.name == "*":
            return _is_public(other.name) and self.port in {None, other.port}
        if self.port != other.port:
            return False
        if not self.name.startswith("*."):
            return self.name == other.name
        label, _, rest = other.name.partition(".")
        return bool(label) and rest == self.name[2:] and not _is_address(other.name)


@dataclass(frozen=True, slots=True)
class Path:
    """A path and all that lies below it."""

    path: str

    def __str__(self) -> str:
        return self.path

    def covers(self, other: Path) -> bool:
        """Tell whether the other path is this one or lies below it."""
        return other.path == self.path or other.path.startswith(self.path.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Names of events or addresses of functions: `*` is one segment, a trailing `.*` one or more."""

    text: str

    def __str__(self) -> str:
        return self.text

    def covers(self, other: Pattern) -> bool:
        """Tell whether every name that the other matches is matched here too."""
        mine, theirs = _segments(self.text), _segments(other.text)
        open_end, their_end = self.text.endswith(".*"), other.text.endswith(".*")
        if open_end:
            mine = mine[:-1]
            long_enough = len(theirs) > len(mine)
        else:
            long_enough = len(theirs) == len(mine) and not their_end
        return long_enough and all(_alike(a, b) for a, b in zip(mine, theirs, strict=False))

    def lies_in(self, plugin: str) -> bool:
        """Tell whether all that it matches begins with a plugin's id."""
        return self.text == plugin or self.text.startswith((f"{plugin}.", f"{plugin}:"))


Object: TypeAlias = Host | Path | Pattern


def host(text: str) -> Host:
    """Read a host."""
    found = _HOST.fullmatch(text)
    if found is None or not text.isascii():
        raise BadObject(HOST_RULE)
    name = _name(found["host"].lower())
    port = found["port"]
    if port is not None and not (_PORT.fullmatch(port) and int(port) <= _LAST_PORT):
        raise BadObject(f"{HOST_RULE}; ports go from 1 to {_LAST_PORT}")
    return Host(name, None if port is None else int(port))


def path(text: str) -> Path:
    """Read a path."""
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if not text.startswith("/") or ".." in parts or not text.isprintable():
        raise BadObject(PATH_RULE)
    return Path("/" + "/".join(parts))


def pattern(text: str) -> Pattern:
    """Read a pattern."""
    end = 0
    for segment in _SEGMENT.finditer(text):
        if segment.start() != end or (not segment["mark"] and segment.end() != len(text)):
            raise BadObject(PATTERN_RULE)
        end = segment.end()
    if end != len(text) or not text or text[-1] in ".:":
        raise BadObject(PATTERN_RULE)
    return Pattern(text)


def _name(text: str) -> str:
    """Bring a name to one spelling; what a resolver would read as a disguised address is refused."""
    if text.startswith("["):
        return _v6(text[1:-1])
    if text == "*":
        return text
    bare = text.removeprefix("*.")
    labels = bare.split(".")
    if len(bare) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadObject(HOST_RULE)
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        return _v4(text)
    return text


def _v4(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise BadObject(f"{HOST_RULE}; an IPv4 address has four plain numbers") from None


def _v6(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise BadObject(HOST_RULE) from None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_public(name: str) -> bool:
    """Tell names and global addresses from private ones; what a name resolves to is checked at its use."""
    if not _is_address(name):
        return name.rpartition(".")[2] not in _NEAR_NAMES
    address = ipaddress.ip_address(name)
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global
    inner = _inside(address)
    return address.is_global and not address.is_site_local and (inner is None or inner.is_global)


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Find the IPv4 address to which a translator or a tunnel would go."""
    if address in ipaddress.IPv6Network(_NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _segments(text: str) -> list[tuple[str, str]]:
    return [(found["word"], found["mark"]) for found in _SEGMENT.finditer(text)]


def _alike(mine: tuple[str, str], theirs: tuple[str, str]) -> bool:
    """Compare one segment; the mark behind it counts where both go on."""
    return mine[0] in {"*", theirs[0]} and (mine[1] == theirs[1] or "" in {mine[1], theirs[1]})
