"""What a gate is and what it asks for before it opens, as read from gates.yaml.

A `Gate` never changes while the program runs; the state it stands in now is on the `Board`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from neira.model import GateState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.model import GateName

Signals: TypeAlias = "Mapping[str, float | bool | None]"  # by name; None and absent: not measured yet

SIGNALS: Mapping[str, str] = MappingProxyType(
    {
        "runs": "finished runs behind this gate",
        "errors": "runs that ended with an error or a trap",
        "error_rate": "errors by runs, from 0 to 1",
        "p99_ms": "the slowest hundredth of the runs took at least this many milliseconds",
        "violations": "runs that hit a limit",
        "dry_run_events": "events that were journaled here without being run",
        "verify_clean": "the journal's last verification found nothing wrong",
    }
)
FLAGS = frozenset({"verify_clean"})  # the signals that are yes or no

_OPEN = frozenset({GateState.EXPERIMENTAL, GateState.STABLE, GateState.DEPRECATED})


class Step(StrEnum):
    """What a criterion guards: leaving locked or embryo, or becoming stable."""

    OPEN = "open"
    STABLE = "stable"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A signal that must reach a number."""

    signal: str
    bound: float


@dataclass(frozen=True, slots=True)
class AtMost:
    """A signal that must stay at or below a number."""

    signal: str
    bound: float


@dataclass(frozen=True, slots=True)
class Holds:
    """A yes-or-no signal that must be as wanted."""

    signal: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """Another gate that must stand at least this high."""

    gate: GateName
    state: GateState


Condition: TypeAlias = AtLeast | AtMost | Holds | Reached


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition, and the step that it guards."""

    step: Step
    condition: Condition

    @property
    def name(self) -> str:
        """Name it after what it looks at."""
        if isinstance(self.condition, Reached):
            return f"gate.{self.condition.gate}"
        return self.condition.signal


@dataclass(frozen=True, slots=True)
class Title:
    """What people call a gate."""

    en: str
    ru: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One entry of gates.yaml."""

    name: GateName
    title: Title
    aliases: tuple[str, ...]
    default: GateState
    notes: str
    guards: tuple[str, ...]
    signals: tuple[str, ...]
    safeguards: tuple[str, ...]
    criteria: tuple[Criterion, ...]

    @property
    def called(self) -> tuple[str, ...]:
        """List every way to name it: the name, both titles, the aliases."""
        return (self.name, self.title.en, self.title.ru, *self.aliases)


def is_open(state: GateState) -> bool:
    """Tell whether what the gate guards may happen."""
    return state in _OPEN


def widens(before: GateState, after: GateState) -> bool:
    """Tell whether a step gives power: it opens the gate, or lifts the limits of `experimental`."""
    if not is_open(after):
        return False
    return not is_open(before) or (before is GateState.EXPERIMENTAL and after is not before)
