"""The writing end of the journal, used under its lock alone.

`Journal` holds one. The pen finds the end of the last segment, reads on what other processes wrote, cuts off
what a killed one left half-written, and writes sealed records: announced, written, confirmed, signed.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.journal import JournalDamaged
from neira.journal import archive_anchor, record, recovery, segment
from neira.journal.checkpoint import EVERY, CheckpointPen
from neira.journal.record import GENESIS, Moment, Tail
from neira.journal.recovery import Cause, Cut, Rest
from neira.model import Seq

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from neira.journal.checkpoint import Checkpoint
    from neira.journal.keys import SigningKey
    from neira.journal.record import Ready, Sealed
    from neira.journal.segment import Unit
    from neira.model import Draft

_BLOCK = 1 << 20
_FAR = 1_000  # records of others that are read one by one; behind more of them the end is found anew


class Pen:
    """The end of the chain as this process knows it."""

    def __init__(self, folder: Path, key: SigningKey, *, segment_bytes: int) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._points = CheckpointPen(folder, key)
        self._fd: int | None = None
        self._number = 1
        self._end = 0
        self._tail = GENESIS
        self._behind = False  # bytes that are to be cut off lie behind the end
        self._is_sure = False  # the end was found sound, or made, by this pen: others alone can move it

    @property
    def tail(self) -> Tail:
        """Return the last record that this process has seen on disk."""
        return self._tail

    def catch_up(self) -> tuple[Draft, ...]:
        """Read on to the end, mend what may be mended, and return what must be written down about it."""
        if self._is_as_left():
            return ()
        self._is_sure = False
        point = self._points.last()
        is_far = point is not None and point.seq > self._tail.seq + _FAR
        if is_far or not self._has_file():
            self._find_end(point)
        self._behind = False
        self._read_on()
        standing = recovery.judge(point, self._tail, self._rest())
        drafts: list[Draft] = []
        if standing.unsigned_since is not None:
            drafts.append(recovery.signed_late(standing.unsigned_since, self._tail))
        if standing.cut is not None:
            drafts.append(self._cut(standing.cut, point))
        self._is_sure = not drafts
        return tuple(drafts)

    def write(self, drafts: Sequence[Ready], at: datetime) -> list[Sealed]:
        """Chain, write and confirm records; an OSError leaves the file as it was."""
        sealed: list[Sealed] = []
        tail, now = self._tail, Moment(at)
        for draft in drafts:
            sealed.append(record.assemble(draft, after=tail, now=now))
            tail = sealed[-1].tail
        self._is_sure = False
        if self._end >= self._segment_bytes:
            self.roll(at)
        fd = self._open()
        data = b"".join(each.raw for each in sealed)
        self._points.announce(self._tail, tail, at)
        try:
            disk.write_at(fd, data, self._end)
            if self._behind:  # only now: a repair that is killed half-way must leave what it was to repair
                os.ftruncate(fd, self._end + len(data))
        except OSError:
            self.undo()
            raise
        disk.sync(fd)
        self._end, self._tail, self._behind = self._end + len(data), tail, False
        self._is_sure = True
        return sealed

    @property
    def is_settled(self) -> bool:
        """Tell whether the last checkpoint names this end and nothing to come."""
        point = self._points.last()
        return self._tail.seq == 0 or (
            point is not None and point.next is None and point.seq == self._tail.seq
        )

    def settle(self, at: datetime, *, since: Seq) -> None:
        """Sign the new end; each thousandth record, roughly, for ever."""
        milestone = self._tail.seq // EVERY > since // EVERY
        with suppress(OSError):  # the announcement already names this end
            self._points.settle(self._tail, at, milestone=milestone)

    def milestone(self, at: datetime) -> None:
        """Keep a checkpoint of the present end."""
        if self._tail.seq:
            self._points.settle(self._tail, at, milestone=True)

    def undo(self) -> None:
        """Cut off what was written since the last commit, as far as the disk lets us."""
        if self._fd is not None and not self._behind:
            with suppress(OSError):
                os.ftruncate(self._fd, self._end)

    def roll(self, at: datetime) -> None:
        """Begin a new segment."""
        if self._behind or os.fstat(self._open()).st_size == 0:
            return
        self.milestone(at)
        self._close_segment()
        self._number, self._end = self._number + 1, 0
        self._open()

    def take_back(self) -> Draft | None:
        """Cut off what an unconfirmed commit left behind the last checkpoint."""
        point = self._points.last()
        self._find_end(point)
        self._read_on()
        if point is None or point.next is None:
            return None
        if (self._tail.seq, self._rest()) == (point.seq, Rest.NOTHING):
            return None
        told = self._cut(Cut(point.seq, Cause.INTERRUPTED), point)
        fd = self._open()
        os.ftruncate(fd, self._end)
        disk.sync(fd)
        self._behind = False
        return told

    def close(self) -> None:
        """Let go of all files."""
        self._close_segment()
        self._points.close()

    def _is_as_left(self) -> bool:
        """Tell whether nobody has written since: the checkpoints and the size are as this pen left them.

        Whoever writes announces it in the checkpoints first, so their bytes alone would do among us; the size
        finds strangers.
        """
        if not self._is_sure or self._fd is None or self._behind or not self._points.is_as_left:
            return False
        facts = os.fstat(self._fd)
        return facts.st_size == self._end and facts.st_nlink > 0

    def _has_file(self) -> bool:
        """Tell whether the segment that is open still lies where others look for it."""
        return self._fd is not None and segment.path(self._folder, self._number).exists()

    def _find_end(self, point: Checkpoint | None) -> None:
        """Stand behind the last signed record; what follows is read on from there, link by link."""
        self._close_segment()
        self._number, self._end, self._tail = 1, 0, archive_anchor.tail(self._folder)
        numbers = segment.numbers(self._folder)
        if numbers:
            self._number = numbers[0]
        for number in reversed(numbers):
            unit = _last_sound(self._folder, number, None if point is None else point.seq)
            if unit is not None:
                self._number, self._end, self._tail = number, unit.end, record.tail_of(unit.line)
                break
        if point is not None and self._tail.seq == point.seq and self._tail.hash != point.root:
            raise JournalDamaged("rewritten", point.seq, "the signed record is not the one on disk")

    def _read_on(self) -> None:
        """Take in what others have written, checking that it continues the chain."""
        while True:
            self._read_segment()
            if not segment.path(self._folder, self._number + 1).exists():
                return
            if self._rest() is not Rest.NOTHING:
                raise JournalDamaged("torn", self._tail.seq + 1, "a segment that is not the last ends torn")
            self._close_segment()
            self._number, self._end = self._number + 1, 0

    def _read_segment(self) -> None:
        fd = self._open()
        size = os.fstat(fd).st_size
        if size < self._end:
            raise JournalDamaged("cut", self._tail.seq, "the journal is shorter than it was")
        if size == self._end:
            return
        with BytesIO(os.pread(fd, size - self._end, self._end)) as new:
            self._take_in(new)

    def _take_in(self, new: BinaryIO) -> None:
        """Step over the units that continue the chain."""
        seq, own, last = self._tail.seq, self._tail.hash, None
        for unit in segment.units(new):
            if record.prev_of(unit.line) != own or record.seq_of(unit.line) != seq + 1 or not unit.is_whole:
                break
            seq, own, last = Seq(seq + 1), record.hash_of(unit.line), unit
        if last is not None:
            self._end, self._tail = self._end + last.end, record.tail_of(last.line)

    def _rest(self) -> Rest:
        """Say what lies behind the end."""
        fd = self._open()
        left = os.fstat(fd).st_size - self._end
        return recovery.rest_of(os.pread(fd, left, self._end)) if left else Rest.NOTHING

    def _cut(self, cut: Cut, point: Checkpoint | None) -> Draft:
        """Stand behind a record, so that the next write cuts off the rest; say what will go."""
        if cut.after != self._tail.seq:
            self._go_back(cut.after)
        fd = self._open()
        digest, count = hashlib.sha256(), 0
        while piece := os.pread(fd, _BLOCK, self._end + count):
            digest.update(piece)
            count += len(piece)
        self._behind = True
        lost = point if cut.cause is Cause.TORN_SIGNED else None
        if lost is not None:
            self._points.reuse()
        return recovery.repaired(cut, count, digest.hexdigest(), lost)

    def _go_back(self, seq: Seq) -> None:
        """Stand behind an earlier record; a commit never spans two segments."""
        with segment.path(self._folder, self._number).open("rb") as file:
            for unit in segment.units_back(file, self._end):
                if record.seq_of(unit.line) == seq:
                    self._end, self._tail = unit.end, record.tail_of(unit.line)
                    return
        before = _last_sound(self._folder, self._number - 1, seq)
        self._end = 0
        self._tail = record.tail_of(before.line) if before else archive_anchor.tail(self._folder)
        if self._tail.seq != seq:
            raise JournalDamaged("missing", seq, "the record before an interrupted commit is gone")

    def _open(self) -> int:
        if self._fd is None:
            path = segment.path(self._folder, self._number)
            is_new = not path.exists()
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._fd = os.open(path, flags, 0o600)
            if is_new:
                disk.sync_dir(self._folder)
        return self._fd

    def _close_segment(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _last_sound(folder: Path, number: int, most: Seq | None) -> Unit | None:
    """Return the last unit of a segment that is all there and not behind a number."""
    path = segment.path(folder, number)
    if not path.exists():
        return None
    with path.open("rb") as file:
        for unit in segment.units_back(file, segment.whole_end(file)):
            seq = record.seq_of(unit.line)
            if seq is not None and (most is None or seq <= most) and unit.is_whole:
                return unit
    return None
