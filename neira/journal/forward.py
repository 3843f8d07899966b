"""Reading on from a known place: what the applier does after every commit, so it costs next to nothing.

The place is that of the first byte which has not been read yet; whoever keeps it between two readings need
not look for it again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.journal import JournalDamaged
from neira.journal import record, segment
from neira.journal.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from neira.journal.segment import Unit
    from neira.model import Seq


@dataclass(frozen=True, slots=True)
class Spot:
    """A byte of a segment; number 0 means that nobody knows where to begin."""

    number: int = 0
    offset: int = 0


class Forward:
    """Reads forward, keeping the segment open that it reads."""

    def __init__(self, home: Path) -> None:
        self._reader = Reader(home)
        self._open: tuple[int, int] | None = None  # number and descriptor

    def units(self, spot: Spot, after: Seq, upto: Seq) -> Iterator[tuple[Unit, Spot]]:
        """Read the units behind a record up to another, each with the place behind it."""
        expected = after + 1
        if spot.number == 0:
            spot = self._find(after)
        while expected <= upto:
            for unit in segment.units(self._file(spot.number), spot.offset):
                seq = record.seq_of(unit.line)
                if seq is not None and seq > upto:
                    return
                if seq is not None and seq >= expected:
                    if seq != expected:
                        raise JournalDamaged("missing", expected, "another line stands in its place")
                    spot, expected = Spot(spot.number, unit.end), seq + 1
                    yield unit, spot
            if expected > upto or not segment.path(self._reader.folder, spot.number + 1).exists():
                return
            spot = Spot(spot.number + 1, 0)

    def close(self) -> None:
        """Let go of the segment."""
        if self._open is not None:
            os.close(self._open[1])
            self._open = None

    def _find(self, after: Seq) -> Spot:
        numbers = self._reader.numbers_from(after + 1)
        if not numbers:
            return Spot(1, 0)
        return Spot(numbers[0], segment.locate(self._file(numbers[0]), after + 1))

    def _file(self, number: int) -> BinaryIO:
        """Give a fresh reader: what an older one has buffered may have been cut off since."""
        if self._open is None or self._open[0] != number:
            self.close()
            path = segment.find(self._reader.folder, number)
            if not path.exists():
                raise JournalDamaged("missing", None, f"segment {number} is gone")
            self._open = (number, os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        return open(self._open[1], "rb", closefd=False)
