"""`capabilities/state.json`: the board as a file, derived from the journal and checked before it is believed.

The kernel writes it after a change and reads it at opening, so that it need not fold the whole journal.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.base import NeiraError
from neira.gates.board import NEVER, Board, Standing
from neira.model import GateName, GateState, Seq
from neira.parse import strict_json

if TYPE_CHECKING:
    from pathlib import Path

    from neira.gates.catalogue import Catalogue
    from neira.model import Json, JsonObject

FILE = "capabilities/state.json"
FORMAT = 1
LARGEST = 1024 * 1024  # bytes

_KEYS = {"format", "seq", "head", "revision", "gates", "sha256"}
_STANDING = {"state", "since", "why", "by", "record"}
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StateReading:
    """A board with the journal record it is true at, or none with the reason."""

    board: Board | None
    seq: Seq = NEVER
    head: str = ""
    why: str = ""


def read(home: Path, catalogue: Catalogue, *, tail: tuple[Seq, str]) -> StateReading:
    """Read the file, and believe it only if it is whole and not ahead of the journal's tail.

    When it is behind, the caller compares `head` with the hash of record `seq` and folds the rest.
    """
    if not os.path.lexists(home / FILE):
        return StateReading(None, why=f"{FILE} is missing")
    try:
        found = strict_json.loads(disk.read_regular(home, FILE, limit=LARGEST))
    except NeiraError as error:
        return StateReading(None, why=f"{FILE} cannot be read: {error.sentence}")
    except OSError as error:
        return StateReading(None, why=f"{FILE} cannot be read: {error.strerror}")
    try:
        reading = _checked(found, catalogue)
    except (ValueError, TypeError, KeyError):
        return StateReading(None, why=f"{FILE} is damaged")
    return _not_ahead(reading, tail)


def write(home: Path, board: Board, *, at: tuple[Seq, str]) -> None:
    """Write a board that is true at a journal record, given by its number and hash."""
    disk.write_atomic(home / FILE, strict_json.dumps(_sealed(board, at)).encode() + b"\n")


def as_json(board: Board) -> JsonObject:
    """Show where every gate stands, as the file holds it."""
    return {name: _standing(standing) for name, standing in sorted(board.standings.items())}


def board_of(gates: JsonObject, seq: Seq, catalogue: Catalogue) -> Board:
    """Make a board of standings that were written by `as_json`; newer gates stand at their defaults."""
    standings = {GateName(name): _stood(_table(entry, _STANDING)) for name, entry in gates.items()}
    return Board(MappingProxyType({**Board.initial(catalogue).standings, **standings}), seq)


def _not_ahead(reading: StateReading, tail: tuple[Seq, str]) -> StateReading:
    if reading.seq > tail[0]:
        return StateReading(None, why=f"{FILE} is at record {reading.seq}, the journal ends at {tail[0]}")
    if reading.seq == tail[0] and reading.head != tail[1]:
        return StateReading(None, why=f"{FILE} belongs to another journal")
    return reading


def _sealed(board: Board, at: tuple[Seq, str]) -> JsonObject:
    body: dict[str, Json] = {
        "format": FORMAT,
        "seq": at[0],
        "head": at[1],
        "revision": board.seq,
        "gates": as_json(board),
    }
    return {**body, "sha256": _digest(body)}


def _standing(standing: Standing) -> JsonObject:
    return {
        "state": standing.state.value,
        "since": standing.since.isoformat() if standing.since else None,
        "why": standing.why,
        "by": standing.by,
        "record": standing.record,
    }


def _digest(body: JsonObject) -> str:
    return hashlib.sha256(strict_json.dumps(body).encode()).hexdigest()


def _checked(found: Json, catalogue: Catalogue) -> StateReading:
    """Take the parsed file apart; any ValueError, TypeError or KeyError means damage."""
    whole = _table(found, _KEYS)
    body = {name: value for name, value in whole.items() if name != "sha256"}
    if (
        whole["sha256"] != _digest(body)
        or whole["format"] != FORMAT
        or not _HASH.fullmatch(_text(whole["head"]))
    ):
        raise ValueError
    gates = whole["gates"]
    if not isinstance(gates, dict):
        raise TypeError
    board = board_of(gates, _seq(whole["revision"]), catalogue)
    if board.seq > (seq := _seq(whole["seq"])):
        raise ValueError
    return StateReading(board, seq, _text(whole["head"]))


def _table(value: Json, keys: set[str]) -> dict[str, Json]:
    if not isinstance(value, dict) or set(value) != keys:
        raise ValueError
    return value


def _stood(entry: dict[str, Json]) -> Standing:
    since, record = entry["since"], entry["record"]
    return Standing(
        state=GateState(_text(entry["state"])),
        since=None if since is None else datetime.fromisoformat(_text(since)),
        why=_text(entry["why"]),
        by=_text(entry["by"]),
        record=None if record is None else _text(record),
    )


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _seq(value: Json) -> Seq:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError
    return Seq(value)
