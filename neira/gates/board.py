"""Where every gate stands now: a fold of the journal's `gate.changed` records over the defaults.

A board is one immutable picture, shared by all threads of a process; a change makes another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from neira.errors.gate import BadGateRecord
from neira.model import GateName, GateState, Seq

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from neira.gates.catalogue import Catalogue
    from neira.model import Record

KIND = "gate.changed"
NEVER = Seq(0)  # before the first record


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of one gate, and the record that put it there (none: it is the default)."""

    state: GateState
    since: datetime | None = None
    why: str = ""
    by: str = ""
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """All gates at once; `seq` is the last record that moved one of them."""

    standings: Mapping[GateName, Standing]
    seq: Seq = NEVER

    @classmethod
    def initial(cls, catalogue: Catalogue) -> Board:
        """Stand every gate at its default."""
        return cls(MappingProxyType({gate.name: Standing(gate.default) for gate in catalogue}))

    def standing(self, gate: GateName) -> Standing:
        """Say how a gate came to stand where it does; one that nobody knows is locked."""
        return self.standings.get(gate, Standing(GateState.LOCKED))

    def state(self, gate: GateName) -> GateState:
        """Say where a gate stands."""
        return self.standing(gate).state


def fold(board: Board, record: Record) -> Board:
    """Move the board on by one record; what it has already seen changes nothing."""
    if record.kind != KIND or record.seq <= board.seq:
        return board
    gate, state = _read(record)
    moved = Standing(state, record.ts, record.change.why, record.actor, record.id)
    return replace(board, standings=MappingProxyType({**board.standings, gate: moved}), seq=record.seq)


def _read(record: Record) -> tuple[GateName, GateState]:
    try:
        return GateName(str(record.data["gate"])), GateState(str(record.data["to"]))
    except (KeyError, ValueError):
        raise BadGateRecord(record.seq) from None
