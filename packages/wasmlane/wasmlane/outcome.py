"""How a call ends: with an answer, or stopped. Both are values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Why a call was stopped, or not begun; `docs/traps.md` says more of each."""

    FUEL = "fuel"
    TIME = "time"
    MEMORY = "memory"
    STACK = "stack"
    BOUNDS = "bounds"
    UNREACHABLE = "unreachable"
    ARITHMETIC = "arithmetic"
    TABLE = "table"
    HOST = "host"
    HOST_CALLS = "host_calls"
    NESTING = "nesting"
    OUTPUT = "output"
    BAD_POINTER = "bad_pointer"
    ALLOC = "alloc"
    NO_EXPORT = "no_export"
    INSTANCE = "instance"
    ENDED = "ended"


# Cost and Answer are made on every call: a named tuple takes a quarter of a frozen dataclass's time.
class Cost(NamedTuple):
    """What a call used."""

    fuel: int
    elapsed_ms: float
    memory: int
    """Bytes of the guest's memory at the end."""
    host_calls: int
    output: int


class Answer(NamedTuple):
    """A call that came back."""

    data: bytes
    cost: Cost


class Numbers(NamedTuple):
    """What a numeric export gave."""

    values: tuple[int | float, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Trapped:
    """A call that was stopped: a value, never raised."""

    kind: Kind
    message: str
    cost: Cost
    autopsy: bytes | None = None
    """What the export named for it said of the end, if it was asked and could."""
    cause: BaseException | None = None
    """What a host function raised."""


class Stop(NamedTuple):
    """Why a guest did not come back; becomes a Trapped once the cost is known."""

    kind: Kind
    message: str


NOTHING = Cost(0, 0.0, 0, 0, 0)


def refused(stop: Stop) -> Trapped:
    """Answer a call that was not begun."""
    return Trapped(stop.kind, stop.message, NOTHING)
