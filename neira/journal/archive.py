"""Archiving: whole segments leave the journal for `journal/archive/`, and the chain stays verifiable.

Only `neira journal archive` does it, never the system by itself. A snapshot of everything that the moved
records say is journaled first; a signed anchor tells which record the rest continues. The archive may then be
taken elsewhere; while it is there, `verify` goes through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira import disk
from neira.home import Home
from neira.journal import archive_anchor, keys, record, segment
from neira.journal.archive_anchor import Anchor
from neira.model import ChangeNote, Draft, Seq

if TYPE_CHECKING:
    from pathlib import Path

    from neira.journal.journal import Journal
    from neira.journal.record import Tail
    from neira.model import Json, Record

KIND = "journal.archived"


@dataclass(frozen=True, slots=True)
class Archived:
    """The snapshot record, and what moved: segments, and the last record in them."""

    snapshot: Record
    segments: tuple[int, ...]
    upto: Seq


def archive(journal: Journal, snapshot: Json, *, actor: str, why: str, upto: Seq | None = None) -> Archived:
    """Journal a snapshot, then move every segment that ends before it, and at or before `upto` if given."""
    journal.begin_segment()
    note = ChangeNote(
        what="Archived the journal: this snapshot stands for everything before it",
        why=why,
        verify="neira journal verify",
        impact=("older records lie in journal/archive/",),
    )
    (told,) = journal.append(Draft(KIND, actor, note, "journal-archived", payload=snapshot))
    with journal.exclusively():
        return _move(journal.home, told, upto)


def _move(home: Path, told: Record, upto: Seq | None) -> Archived:
    folder = Home(home).journal
    last = Seq(told.seq - 1) if upto is None else min(upto, Seq(told.seq - 1))
    movable = [(number, end) for number, end in _ends(folder) if end.seq <= last]
    if not movable:
        return Archived(told, (), Seq(0))
    number, end = movable[-1]
    assert end.ts is not None
    anchor = Anchor(segment=number, seq=end.seq, hash=end.hash, ts=end.ts, snapshot=told.seq)
    archive_anchor.write(folder, anchor, keys.signing(home))
    target = folder / segment.ARCHIVE
    target.mkdir(exist_ok=True)
    for each, _ in movable:
        segment.path(folder, each).rename(segment.path(target, each))
    disk.sync_dir(target)
    disk.sync_dir(folder)
    return Archived(told, tuple(each for each, _ in movable), end.seq)


def _ends(folder: Path) -> list[tuple[int, Tail]]:
    """Say where each closed segment ends; the last one is never closed."""
    ends = []
    for number in segment.numbers(folder)[:-1]:
        with segment.path(folder, number).open("rb") as file:
            unit = next(segment.units_back(file, segment.whole_end(file)), None)
        if unit is not None:
            ends.append((number, record.tail_of(unit.line)))
    return ends
