"""Has a gate earned the state it is asked to take? Each criterion is judged with its distance and a sentence.

The caller measures the signals, from the journal and the metrics; what was not measured is not met.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, assert_never

from neira.errors.gate import CriteriaMissed, WhyRequired
from neira.gates.gate import AtLeast, AtMost, Criterion, Holds, Reached, Step, is_open
from neira.model import GateState

if TYPE_CHECKING:
    from neira.gates.board import Board
    from neira.gates.catalogue import Catalogue
    from neira.gates.gate import Signals
    from neira.model import GateName, Json, JsonObject

_LADDER = (GateState.LOCKED, GateState.EMBRYO, GateState.EXPERIMENTAL, GateState.STABLE)
_UNMEASURED = "not measured yet"


@dataclass(frozen=True, slots=True)
class Met:
    """A criterion that holds."""

    criterion: Criterion
    value: Json
    sentence: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A criterion that does not hold; no distance means that nothing was measured."""

    criterion: Criterion
    value: Json
    distance: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Earned:
    """A promotion that nothing stands against."""


@dataclass(frozen=True, slots=True)
class Forced:
    """A promotion in spite of these."""

    missed: tuple[Missed, ...]


Verdict: TypeAlias = Met | Missed
Decision: TypeAlias = Earned | Forced


def wanted(criterion: Criterion) -> str:
    """Say what a criterion asks for."""
    match criterion.condition:
        case AtLeast(_, bound):
            return f"at least {bound:.15g}"
        case AtMost(_, bound):
            return f"at most {bound:.15g}"
        case Holds(_, truth):
            return "yes" if truth else "no"
        case Reached(_, state):
            return f"at least {state}"
    assert_never(criterion.condition)


def judge(criterion: Criterion, board: Board, signals: Signals) -> Verdict:
    """Judge one criterion by what is known now."""
    match criterion.condition:
        case AtLeast(signal, bound):
            value = _number(signals.get(signal))
            return _verdict(criterion, value, None if value is None else max(0.0, bound - value))
        case AtMost(signal, bound):
            value = _number(signals.get(signal))
            return _verdict(criterion, value, None if value is None else max(0.0, value - bound))
        case Holds(signal, truth):
            flag = signals.get(signal)
            known = flag if isinstance(flag, bool) else None
            return _verdict(criterion, known, None if known is None else float(known is not truth))
        case Reached(gate, state):
            now = board.state(gate)
            return _verdict(criterion, now, float(max(0, _rung(state) - _rung(now))))
    assert_never(criterion.condition)


def judge_all(gate: GateName, board: Board, catalogue: Catalogue, signals: Signals) -> tuple[Verdict, ...]:
    """Judge every criterion of a gate, whatever it guards."""
    return tuple(judge(criterion, board, signals) for criterion in catalogue.get(gate).criteria)


def facts(verdict: Verdict) -> JsonObject:
    """Show a verdict as the API, the journal and the refusal do."""
    criterion = verdict.criterion
    met = isinstance(verdict, Met)
    return {
        "name": criterion.name,
        "for": criterion.step.value,
        "wanted": wanted(criterion),
        "value": verdict.value,
        "met": met,
        "distance": 0.0 if isinstance(verdict, Met) else verdict.distance,
        "sentence": verdict.sentence,
    }


def steps(now: GateState, to: GateState) -> frozenset[Step]:
    """Say which criteria a transition has to meet; closing has none."""
    asked: set[Step] = set()
    if is_open(to) and not is_open(now):
        asked.add(Step.OPEN)
    if to is GateState.STABLE and now is not GateState.STABLE:
        asked.add(Step.STABLE)
    return frozenset(asked)


def promotion(
    board: Board,
    catalogue: Catalogue,
    gate: GateName,
    target: GateState,
    signals: Signals,
    *,
    force: bool = False,
    why: str = "",
) -> Decision:
    """Let a transition through if its criteria are met, or if it is forced with a reason."""
    now = board.state(gate)
    asked = steps(now, target)
    verdicts = judge_all(gate, board, catalogue, signals)
    missed = tuple(v for v in verdicts if isinstance(v, Missed) and v.criterion.step in asked)
    if not missed:
        return Earned()
    if not force:
        raise CriteriaMissed(gate, target, now=now, missed=[facts(verdict) for verdict in missed])
    if not why.strip():
        raise WhyRequired(gate)
    return Forced(missed)


def _number(value: float | bool | None) -> float | None:
    """Take a measured number; a flag, a NaN or an infinity is no measurement."""
    if value is None or isinstance(value, bool) or not math.isfinite(value):
        return None
    return value


def _rung(state: GateState) -> int:
    """Count how far a state carries; what is on its way out carries no more than an experiment."""
    return _LADDER.index(GateState.EXPERIMENTAL if state is GateState.DEPRECATED else state)


def _verdict(criterion: Criterion, value: Json, distance: float | None) -> Verdict:
    asked = f"{criterion.name} must be {wanted(criterion)}"
    if distance is None:
        return Missed(criterion, value, None, f"{asked}, and is {_UNMEASURED}")
    if distance > 0:
        return Missed(criterion, value, distance, f"{asked}, and is {_shown(value)}")
    return Met(criterion, value, f"{criterion.name} is {_shown(value)}")


def _shown(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
