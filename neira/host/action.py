"""What an action says of itself: its params, its permission, its spellings in scripts, what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from neira.host.effects import Effect, Stores
    from neira.host.situation import Situation
    from neira.model import GateName, Json, JsonObject

    Check: TypeAlias = Callable[[JsonObject, Situation], None]
    Apply: TypeAlias = Callable[[Effect, Stores], None]


class Restart(StrEnum):
    """What a restart does with an action that was committed and not finished."""

    REDO = "redo"  # idempotent: done again
    ONCE = "once"  # never repeated


@dataclass(frozen=True, slots=True)
class Docs:
    """One sentence for people, in the languages of the user interface."""

    en: str
    ru: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """A host function that is the same as returning the action."""

    name: str  # "storage::set"
    parameters: tuple[str, ...]
    params: Callable[[Sequence[Json]], JsonObject]  # from the arguments of the call
    optional: int = 0  # how many of the last parameters may be left out


def nothing_more(params: JsonObject, situation: Situation) -> None:
    """Check nothing beyond the schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One effect that a plugin may ask for."""

    name: str
    docs: Docs
    permission: str | None  # `{…}` names a param that is its object; none: every plugin may
    apply: Apply
    schema: Mapping[str, Json] | None = None  # short form, closed; none: any object
    check: Check = nothing_more  # what a schema cannot say; raises `Refused`
    spellings: tuple[Spelling, ...] = ()
    gate: GateName | None = None
    restart: Restart = Restart.REDO
    writes: Callable[[JsonObject], str | None] = field(default=lambda _: None)  # the key of a value it moves

    def needs(self, params: JsonObject) -> str | None:
        """Name the permission that these params need."""
        if self.permission is None or "{" not in self.permission:
            return self.permission
        return self.permission.format_map(_Texts(params))


class _Texts(dict[str, str]):
    """Params as the object of a permission; one that is no text names nothing that could be granted."""

    def __init__(self, params: JsonObject) -> None:
        super().__init__({key: value for key, value in params.items() if isinstance(value, str)})

    def __missing__(self, key: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One effect as a plugin asked for it, checked."""

    action: Action
    params: JsonObject

    def as_json(self) -> JsonObject:
        """Show it as results and records do."""
        return {"action": self.action.name, "params": self.params}


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A host function that reads and changes nothing; its answers are recorded."""

    name: str
    docs: Docs
    parameters: tuple[str, ...]
    permission: str | None
    answer: Callable[[Sequence[Json], Situation], Json]
    optional: int = 0
