"""What the API, the CLI and the phrases answer about gates and safe mode: plain JSON, made from facts.

An answer to a change is made from its record and the catalogue alone, so that a repeated request gets the
same one.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from neira.errors.gate import LEAVE_SAFE_MODE, ways
from neira.gates.criteria import facts, judge_all
from neira.gates.gate import is_open
from neira.gates.passage import passage
from neira.gates.safe_mode import clears_by_leaving
from neira.model import GateState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.gates.board import Board
    from neira.gates.catalogue import Catalogue
    from neira.gates.changes import Unchanged
    from neira.gates.gate import Gate, Signals
    from neira.gates.safe_mode import SafeMode
    from neira.model import GateName, Json, JsonObject, Record

_NOTHING: Signals = MappingProxyType({})
_RUSSIAN: Mapping[GateState, str] = MappingProxyType(
    {
        GateState.LOCKED: "заблокировано",
        GateState.EMBRYO: "в зачатке",
        GateState.EXPERIMENTAL: "экспериментально",
        GateState.STABLE: "стабильно",
        GateState.DEPRECATED: "устаревает",
    }
)


def capabilities(board: Board, catalogue: Catalogue, signals: Mapping[GateName, Signals]) -> JsonObject:
    """Show every gate: the body of `GET /capabilities`."""
    shown = [capability(gate, board, catalogue, signals.get(gate.name, _NOTHING)) for gate in catalogue]
    return {"capabilities": shown}


def capability(gate: Gate, board: Board, catalogue: Catalogue, signals: Signals) -> JsonObject:
    """Show one gate: where it stands, why, how far it is from promotion, how to change it."""
    standing = board.standing(gate.name)
    verdicts = judge_all(gate.name, board, catalogue, signals)
    toggle = GateState.EMBRYO if is_open(standing.state) else GateState.EXPERIMENTAL
    return {
        "name": gate.name,
        "state": standing.state.value,
        "mode": passage(standing.state).value,
        "title": _title(gate),
        "aliases": list(gate.aliases),
        "since": standing.since.isoformat() if standing.since else None,
        "why": standing.why,
        "by": standing.by,
        "journal_id": standing.record,
        "notes": gate.notes,
        "guards": list(gate.guards),
        "signals": {name: signals.get(name) for name in gate.signals},
        "safeguards": list(gate.safeguards),
        "criteria": [facts(verdict) for verdict in verdicts],
        "how_to_change": {"to": toggle.value, "ways": list(ways(gate.name, toggle, now=standing.state))},
        **_warning(gate.name, standing.state),
    }


def changed(record: Record, catalogue: Catalogue) -> JsonObject:
    """Answer a change of a gate: the new state, what protects people, and how to go back."""
    gate = catalogue.get(str(record.data["gate"]))
    before, now = GateState(str(record.data["from"])), GateState(str(record.data["to"]))
    return {
        **_after(gate, now),
        "changed": True,
        "from": before.value,
        "forced": record.data["forced"],
        "missed": record.data["missed"],
        "how_to_go_back": {"to": before.value, "ways": list(ways(gate.name, before, now=now))},
        "message": {
            "en": f"{gate.title.en}: {now}, was {before}",
            "ru": f"{gate.title.ru}: {_RUSSIAN[now]}, было {_RUSSIAN[before]}",
        },
        "journal_id": record.id,
    }


def unchanged(change: Unchanged, catalogue: Catalogue) -> JsonObject:
    """Answer a change that was none."""
    gate = catalogue.get(change.gate)
    toggle = GateState.EMBRYO if is_open(change.state) else GateState.EXPERIMENTAL
    return {
        **_after(gate, change.state),
        "changed": False,
        "how_to_go_back": {"to": toggle.value, "ways": list(ways(gate.name, toggle, now=change.state))},
        "message": {
            "en": f"{gate.title.en}: already {change.state}",
            "ru": f"{gate.title.ru}: уже {_RUSSIAN[change.state]}",
        },
    }


def marks(board: Board, *gates: GateName) -> JsonObject:
    """Say what an answer that went through these gates carries: `capability_state`, and a warning."""
    states = {gate: board.state(gate) for gate in gates}
    fleeting = {gate: state for gate, state in states.items() if state is GateState.EXPERIMENTAL}
    leaving = [gate for gate, state in states.items() if state is GateState.DEPRECATED]
    shown: dict[str, Json] = {}
    if fleeting:
        shown["capability_state"] = {gate: state.value for gate, state in fleeting.items()}
    if leaving:
        shown["warning"] = "; ".join(_deprecation(gate) for gate in leaving)
    return shown


def safe_mode(mode: SafeMode) -> JsonObject:
    """Show safe mode: the body of `GET /safe-mode`."""
    return {
        "enabled": mode.active,
        "reasons": [
            {"reason": reason.value, "why": why, "clears_by_leaving": clears_by_leaving(reason)}
            for reason, why in mode.reasons.items()
        ],
        "how_to_leave": list(LEAVE_SAFE_MODE) if mode.active else [],
    }


def _after(gate: Gate, state: GateState) -> JsonObject:
    return {
        "name": gate.name,
        "title": _title(gate),
        "state": state.value,
        "mode": passage(state).value,
        "safeguards": list(gate.safeguards),
        **_warning(gate.name, state),
    }


def _title(gate: Gate) -> JsonObject:
    return {"en": gate.title.en, "ru": gate.title.ru}


def _warning(gate: GateName, state: GateState) -> JsonObject:
    return {"warning": _deprecation(gate)} if state is GateState.DEPRECATED else {}


def _deprecation(gate: GateName) -> str:
    return f"{gate} is deprecated: it still works, and will be closed"
