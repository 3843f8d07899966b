"""Moving a gate, as a pure step from a board to the record that will move it.

The kernel's change verb calls it under the journal's lock; `board.fold` applies the sealed record, and
`views.changed` tells the caller what has happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from neira.gates.board import KIND
from neira.gates.criteria import Earned, Forced, facts, promotion
from neira.gates.passage import passage
from neira.model import ChangeNote, Draft

if TYPE_CHECKING:
    from neira.gates.board import Board
    from neira.gates.catalogue import Catalogue
    from neira.gates.criteria import Decision
    from neira.gates.gate import Gate, Signals
    from neira.model import GateName, GateState, Json


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A gate that stands where it was asked to stand; nothing is journaled."""

    gate: GateName
    state: GateState


Change: TypeAlias = Draft | Unchanged


def set_state(
    board: Board,
    catalogue: Catalogue,
    name: GateName,
    to: GateState,
    *,
    signals: Signals,
    actor: str,
    why: str = "",
    force: bool = False,
) -> Change:
    """Check that a gate may move, and draft the record that moves it."""
    gate = catalogue.get(name)
    now = board.state(gate.name)
    if now is to:
        return Unchanged(gate.name, now)
    decision = promotion(board, catalogue, gate.name, to, signals, force=force, why=why)
    return _draft(gate, now, to, decision, actor=actor, why=why)


def _draft(gate: Gate, now: GateState, to: GateState, decision: Decision, *, actor: str, why: str) -> Draft:
    missed = _missed(decision)
    forced = f" (forced past {len(missed)} criteria)" if missed else ""
    return Draft(
        kind=KIND,
        actor=actor,
        change=ChangeNote(
            what=f"{gate.name}: {now} → {to}{forced}",
            why=why,
            verify=f"`neira gates list` shows {gate.name} as {to}",
            impact=tuple(f"{passage(to).value}: {guarded}" for guarded in gate.guards),
        ),
        slug=f"gate-{gate.name.replace('_', '-')}-{to}",
        data={
            "gate": gate.name,
            "from": now.value,
            "to": to.value,
            "forced": isinstance(decision, Forced),
            "missed": missed,
        },
        links=("file:capabilities/gates.yaml", "docs:gates.md"),
    )


def _missed(decision: Decision) -> list[Json]:
    match decision:
        case Forced(missed):
            return [facts(verdict) for verdict in missed]
        case Earned():
            return []
