"""What a run leaves: its value, what it cost, what it said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run used."""

    fuel: int
    operations: int
    memory: int
    """Bytes of guest memory at the end."""
    elapsed_ms: float
    host_calls: int
    output: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line that a script printed; `kind` is "print" or "debug"."""

    kind: str
    text: str

    def __str__(self) -> str:
        """Give the text alone."""
        return self.text


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """A finished run."""

    value: T
    cost: Cost
    logs: tuple[Line, ...] = ()
    dropped: int = 0
    """Lines beyond the quota."""
