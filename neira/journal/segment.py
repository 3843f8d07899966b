"""The files of the journal, `journal/000001.ndjson` and on, read forward, backward and by number.

`reader`, `pen` and `verify` read through here. A unit is a record line with its payload line, if it has one.
Only whole units are given out: what a writer is about to finish, or never did, ends the reading.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.journal import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

ARCHIVE = "archive"
_SUFFIX = ".ndjson"
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Unit:
    """One record as it lies on disk."""

    line: bytes
    payload: bytes | None
    start: int
    end: int

    @property
    def is_whole(self) -> bool:
        """Tell whether the record fits its hash and the payload its digest."""
        return record.is_whole(self.line) and record.payload_fits(self.line, self.payload)


def numbers(folder: Path) -> list[int]:
    """List the numbers of the segments in a folder, ascending."""
    if not folder.is_dir():
        return []
    names = (path.name.removesuffix(_SUFFIX) for path in folder.iterdir() if path.name.endswith(_SUFFIX))
    return sorted(int(name) for name in names if name.isdigit())


def path(folder: Path, number: int) -> Path:
    """Name the file of a segment."""
    return folder / f"{number:06}{_SUFFIX}"


def find(folder: Path, number: int) -> Path:
    """Name the file of a segment, which may have moved to the archive."""
    here = path(folder, number)
    return here if here.exists() else path(folder / ARCHIVE, number)


def units(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[Unit]:
    """Read whole units forward from an offset where one begins."""
    file.seek(start)
    while end is None or start < end:
        line = file.readline()
        payload = b"\n"
        if record.payload_digest(line[:-1]) is not None:
            payload = file.readline()
        if not line.endswith(b"\n") or not payload.endswith(b"\n"):
            return
        told = payload[:-1] or None
        length = len(line) + (0 if told is None else len(payload))
        yield Unit(line[:-1], told, start, start + length)
        start += length


def units_back(file: BinaryIO, end: int) -> Iterator[Unit]:
    """Read units backward from an offset; a line that is neither record nor payload is a unit of its own."""
    payload: bytes | None = None
    finish = end
    for start, line in _lines_back(file, end):
        if payload is None and line.startswith(record.PAYLOAD_STARTS):
            payload = line
            continue
        yield Unit(line, payload, start, finish)
        payload, finish = None, start


def locate(file: BinaryIO, seq: int) -> int:
    """Find the offset of the first record not before a number; the end of the file if there is none."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > _BLOCK:
        middle = (low + high) // 2
        found = _next_record(file, middle, high)
        if found is None or found[1] >= seq:
            high = middle
        else:
            low = found[0]
    while (found := _next_record(file, low, None)) is not None and found[1] < seq:
        low = found[2]
    return file.seek(0, os.SEEK_END) if found is None else found[0]


def whole_end(file: BinaryIO) -> int:
    """Return the offset behind the last newline."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        place = file.read(end - start).rfind(b"\n")
        if place >= 0:
            return start + place + 1
        end = start
    return 0


def first_seq(file: BinaryIO) -> int | None:
    """Return the number of the first record of a segment."""
    found = _next_record(file, 0, None)
    return None if found is None else found[1]


def _next_record(file: BinaryIO, offset: int, end: int | None) -> tuple[int, int, int] | None:
    """Return start, number and end of the first record line that begins at or behind an offset."""
    if offset:
        file.seek(offset - 1)
        offset += len(file.readline()) - 1
    else:
        file.seek(0)
    while end is None or offset < end:
        line = file.readline()
        if not line.endswith(b"\n"):
            return None
        number = record.seq_of(line)
        if number is not None:
            return offset, number, offset + len(line)
        offset += len(line)
    return None


def _lines_back(file: BinaryIO, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield complete lines without their newline, last first; `end` is an offset behind a newline."""
    size, carry = _BLOCK, b""
    while end > 0:
        start = max(0, end - size)
        file.seek(start)
        block = file.read(end - start) + carry
        end = start
        first = 0 if start == 0 else block.find(b"\n", 0, -1) + 1
        if start and not first:  # one long line: bigger bites, or joining them would cost their square
            carry, size = block, size * 2
            continue
        carry = block[:first]
        yield from _split_back(block, first, start)


def _split_back(block: bytes, first: int, offset: int) -> Iterator[tuple[int, bytes]]:
    place = len(block)
    for line in reversed(block[first:].split(b"\n")[:-1]):
        place -= len(line) + 1
        yield offset + place, line
