"""Boards, records and signals for the tests of gates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from neira.gates import catalogue
from neira.gates.board import Board, fold
from neira.model import ChangeNote, Draft, GateName, GateState, Record, Seq

if TYPE_CHECKING:
    from neira.gates.gate import Signals

SHIPPED = catalogue.shipped()
TOOLS = GateName("ui_tools_registry")
RHAI = GateName("runtime_scripting_rhai")
PENCIL = GateName("annotations_pencil")
WASM = GateName("runtime_wasm_plugins")

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NOTHING: Signals = {}
PERFECT: Signals = {
    "runs": 10_000,
    "errors": 0,
    "error_rate": 0.0,
    "p99_ms": 3.5,
    "violations": 0,
    "dry_run_events": 10,
    "verify_clean": True,
}


def sealed(draft: Draft, seq: int) -> Record:
    """Give a draft what the journal would give it."""
    return Record(
        seq=Seq(seq),
        id=f"NEI-20260102-030405-{draft.slug}",
        ts=START + timedelta(seconds=seq),
        kind=draft.kind,
        actor=draft.actor,
        change=draft.change,
        links=draft.links,
        data=draft.data,
        prev="0" * 64,
        hash=f"{seq:064x}",
    )


def board(**states: str) -> Board:
    """Stand the shipped gates at their defaults, and these elsewhere."""
    now = Board.initial(SHIPPED)
    for seq, (gate, state) in enumerate(states.items(), 1):
        note = ChangeNote(what=f"{gate} → {state}", why="a test")
        data = {"gate": gate, "from": now.state(GateName(gate)).value, "to": GateState(state).value}
        now = fold(now, sealed(Draft("gate.changed", "token:t", note, slug="gate", data=data), seq))
    return now
