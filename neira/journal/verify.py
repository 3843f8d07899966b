"""Judging a whole journal from its bytes: streaming, in constant memory, without parsing JSON.

`neira journal verify`, the start of the kernel (`verify_tail`) and the tests call it. Memory grows only with
payloads that were forgotten and whose naming record has not come yet.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.home import Home
from neira.journal import archive_anchor, keys, record, segment
from neira.journal.damage import Damage, Kind
from neira.journal.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from neira.disk import Lock

    Watcher = Callable[["Progress"], None]


_REWRITTEN_IN_PLACE = frozenset({Kind.PAYLOAD_MISMATCH, Kind.CHECKPOINT_BAD})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a verification has come, in bytes."""

    done: int
    total: int
    records: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: the records it proved, and the first damage if there is any."""

    first: int
    last: int
    records: int
    bytes: int
    damage: Damage | None
    notes: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.damage is None


def verify(home: Path, *, lock: Lock | None = None, watch: Watcher | None = None) -> Verdict:
    """Judge a journal from its first record, or from the anchor of its archive.

    While others write, give the journal's lock: its end is judged under it.
    """
    verdict = _judge(_whole(home), lock, watch)
    if lock is not None and verdict.damage is not None and verdict.damage.kind in _REWRITTEN_IN_PLACE:
        return _judge(_whole(home), lock, watch)  # a line may have been replaced while it was read
    return verdict


def verify_tail(home: Path, most: int, *, lock: Lock | None = None) -> Verdict:
    """Judge the newest records alone, as each start does."""
    return _judge(_newest(home, most), lock, None)


def _judge(walk: Walk, lock: Lock | None, watch: Watcher | None) -> Verdict:
    for done, records in walk.steps():
        if watch is not None:
            watch(Progress(done, max(done, walk.total), records))
    with nullcontext() if lock is None else lock.held():
        for _ in walk.steps():
            pass
        walk.finish()
    first, last = walk.first, walk.expected - 1
    return Verdict(first, last, last - first + 1, walk.done, walk.damage, tuple(walk.notes))


def _whole(home: Path) -> Walk:
    folder, public = Home(home).journal, keys.public(home)
    archived = segment.numbers(folder / segment.ARCHIVE)
    anchor = archive_anchor.read(folder)
    is_all_here = min([*segment.numbers(folder), *archived], default=1) == 1
    if anchor is None or is_all_here:
        walk = Walk(folder, public, expected=1, prev=record.GENESIS.hash, number=1)
    else:
        walk = Walk(folder, public, expected=anchor.seq + 1, prev=anchor.hash, number=anchor.segment + 1)
        walk.notes.append(
            f"records up to {anchor.seq} are archived elsewhere; a signed anchor vouches for them"
        )
    walk.anchor = anchor
    if (folder / archive_anchor.FILE).exists() and (anchor is None or not anchor.is_signed_by(public)):
        sentence = "the anchor of the archive is no signed anchor"
        walk.damage = Damage(Kind.ANCHOR_BAD, 1 if anchor is None else anchor.seq, sentence)
    return walk


def _newest(home: Path, most: int) -> Walk:
    folder, public = Home(home).journal, keys.public(home)
    last = _last_seq(folder)
    if last <= most:
        return _whole(home)
    wanted = last - most + 1
    for number in reversed(segment.numbers(folder)):
        with segment.path(folder, number).open("rb") as file:
            first = segment.first_seq(file)
            if first is None or first > wanted:
                continue
            offset = segment.locate(file, wanted)
            file.seek(offset)
            prev = record.prev_of(file.readline()[:-1])
        return Walk(folder, public, expected=wanted, prev=prev, number=number, offset=offset)
    return _whole(home)


def _last_seq(folder: Path) -> int:
    for number in reversed(segment.numbers(folder)):
        with segment.path(folder, number).open("rb") as file:
            for unit in segment.units_back(file, segment.whole_end(file)):
                if (seq := record.seq_of(unit.line)) is not None:
                    return seq
    return 0
