"""Reading the journal by number, oldest first, in constant memory.

The journal, the exports and the searches read through here. A reader sees what is committed and no more: the
last checkpoint names it, so that no process acts on a record that a full disk may still take back.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from neira.errors.journal import JournalDamaged
from neira.home import Home
from neira.journal import record, segment
from neira.journal.checkpoint import LastPoint

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from neira.journal.checkpoint import Checkpoint
    from neira.journal.segment import Unit
    from neira.model import Record, Seq


class Reader:
    """The journal of a home, for those who do not write."""

    def __init__(self, home: Path, *, archived: bool = False) -> None:
        self.folder = Home(home).journal
        self._last_point = LastPoint(self.folder)
        self._archived = archived

    def committed(self) -> Seq | None:
        """Return the number of the last record that is certain; none without checkpoints."""
        point = self.last_point()
        return None if point is None else point.seq

    def last_point(self) -> Checkpoint | None:
        """Return the last checkpoint."""
        return self._last_point.read()

    def after(
        self, seq: Seq, *, kinds: Container[str] | None = None, upto: Seq | None = None
    ) -> Iterator[Record]:
        """Read the records behind a number; damage ends the reading with its place."""
        for unit in self.units(seq, upto=self.committed() if upto is None else upto):
            if kinds is None or record.kind_of(unit.line) in kinds:
                yield as_record(unit)

    def units(self, seq: Seq, *, upto: Seq | None) -> Iterator[Unit]:
        """Read the units behind a number up to another, in their bytes."""
        if upto is not None and upto <= seq:
            return
        expected = seq + 1
        for number in self.numbers_from(expected):
            with self.opened(number) as file:
                start = segment.locate(file, expected)
                for unit in segment.units(file, start):
                    found = record.seq_of(unit.line)
                    if upto is not None and found is not None and found > upto:
                        return
                    if found is None or (found != expected and expected > seq + 1):
                        raise JournalDamaged("missing", expected, "another line stands in its place")
                    yield unit
                    expected = found + 1

    def lines(self, seq: Seq, *, upto: Seq | None = None) -> Iterator[bytes]:
        """Give the lines behind a number as they are, for an export."""
        for unit in self.units(seq, upto=self.committed() if upto is None else upto):
            yield unit.line + b"\n"
            if unit.payload is not None:
                yield unit.payload + b"\n"

    def numbers(self) -> list[int]:
        """List the segments that are read, ascending."""
        here = segment.numbers(self.folder)
        if not self._archived:
            return here
        return sorted({*here, *segment.numbers(self.folder / segment.ARCHIVE)})

    @contextmanager
    def opened(self, number: int) -> Iterator[BinaryIO]:
        """Open a segment, wherever it lies by now."""
        try:
            file = segment.find(self.folder, number).open("rb")
        except FileNotFoundError:  # it moved between look and open
            file = segment.find(self.folder, number).open("rb")
        with file:
            yield file

    def numbers_from(self, seq: int) -> list[int]:
        """List the segments from the one that holds a record on."""
        numbers = self.numbers()
        low, high = 0, len(numbers)
        while high - low > 1:
            middle = (low + high) // 2
            with self.opened(numbers[middle]) as file:
                first = segment.first_seq(file)
            if first is not None and first <= seq:
                low = middle
            else:
                high = middle
        return numbers[low:]


def as_record(unit: Unit) -> Record:
    """Read a unit, naming its number if it is damaged."""
    seq = record.seq_of(unit.line)
    if record.payload_digest(unit.line) is not None and unit.payload is None:
        raise JournalDamaged("payload_mismatch", seq, "its payload line is missing")
    try:
        return record.read(unit.line, unit.payload)
    except JournalDamaged as damage:
        raise JournalDamaged(damage.damage, seq, damage.reason) from None
