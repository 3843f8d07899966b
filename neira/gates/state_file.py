"""`capabilities/state.json`: where the gates stand as a file, a projection of the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from neira import sealed
from neira.gates.board import Board, Standing
from neira.model import NEVER, GateName, GateState, Seq
from neira.parse import strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from neira.gates.catalogue import Catalogue
    from neira.model import JsonObject

FILE = "capabilities/state.json"


@dataclass(frozen=True, slots=True)
class StateReading:
    """The board as its file tells it, or why the file cannot be believed."""

    board: Board | None
    seq: Seq = NEVER
    head: str = ""
    why: str = ""


def read(home: Path, catalogue: Catalogue) -> StateReading:
    """Read the file, or say what is wrong with it."""
    found = sealed.read(home / FILE)
    if isinstance(found, sealed.Broken):
        return StateReading(None, why=found.why)
    standings = cast("JsonObject", found.body["gates"])
    board = board_of(standings, Seq(cast("int", found.body["revision"])), catalogue)
    return StateReading(board, found.seq, found.head)


def write(home: Path, board: Board, *, at: tuple[Seq, str]) -> None:
    """Write a board that is true at a journal record, given by its number and hash."""
    sealed.write(
        home / FILE, *at, [("revision", str(board.seq)), ("gates", strict_json.dumps(as_json(board)))]
    )


def as_json(board: Board) -> JsonObject:
    """Show where every gate stands, as the file holds it."""
    return {name: _as_json(standing) for name, standing in sorted(board.standings.items())}


def board_of(gates: JsonObject, seq: Seq, catalogue: Catalogue) -> Board:
    """Make a board of standings that `as_json` wrote; gates that are newer stand at their defaults."""
    standings = {GateName(name): _standing(cast("Mapping[str, Any]", kept)) for name, kept in gates.items()}
    return Board(MappingProxyType({**Board.initial(catalogue).standings, **standings}), seq)


def _as_json(standing: Standing) -> JsonObject:
    return {
        "state": standing.state.value,
        "since": standing.since.isoformat() if standing.since else None,
        "why": standing.why,
        "by": standing.by,
        "record": standing.record,
    }


def _standing(kept: Mapping[str, Any]) -> Standing:
    since = kept["since"]
    return Standing(
        state=GateState(kept["state"]),
        since=None if since is None else datetime.fromisoformat(since),
        why=kept["why"],
        by=kept["by"],
        record=kept["record"],
    )
