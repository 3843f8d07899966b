"""What each process is running right now, where its death cannot take it along.

A file a process below `.neira/running/`, mapped into memory and locked by the kernel while the process lives.
Before a run the event's record is copied into a slot; that costs no system call, and a killed process leaves
it behind for `recovery` to find. Losing the machine's power loses it, as it would any write without fsync.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.clock import uuid7

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neira.model import Seq
    from neira.ports import Clock, Entropy

SLOT_BYTES = 32 << 10
_SPARE = 16  # slots beside one for each thread
_HEAD = struct.Struct("<IIQ")  # bytes that follow, receiver that runs (from 1), end of the journal then
FREE = 0


@dataclass(frozen=True, slots=True)
class Left:
    """What a slot of a dead process says."""

    text: bytes  # the event's record, or nothing if it did not fit
    running: int  # which receiver ran, from 1; 0: none
    since: int  # the end of the journal when it came


class Board:
    """The slots of this process."""

    def __init__(self, folder: Path, clock: Clock, entropy: Entropy, *, threads: int) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self.boot = uuid7(clock.now(), entropy)
        self._path = folder / self.boot
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        self._count = threads + _SPARE
        self._map = self._mapped(self._count * SLOT_BYTES)
        self._free = list(range(self._count))

    def _mapped(self, size: int) -> mmap.mmap:
        """Map the file into memory, with room on the disk for all of it: a page that has none kills."""
        try:
            os.posix_fallocate(self._fd, 0, size)
        except OSError:  # a full disk keeps nothing for anybody; the runs go on all the same
            return mmap.mmap(-1, size)
        return mmap.mmap(self._fd, size)

    def enter(self, text: bytes, since: Seq) -> Slot:
        """Say what is about to be run."""
        try:
            number = self._free.pop()
        except IndexError:  # more runs at once than any server has threads
            return Slot(None, 0)
        start = number * SLOT_BYTES
        length = len(text)
        if length > SLOT_BYTES - _HEAD.size:
            self._beside(number, text)
            length, text = SLOT_BYTES, b""
        self._map[start + _HEAD.size : start + _HEAD.size + len(text)] = text
        _HEAD.pack_into(self._map, start, length, 0, since)
        return Slot(self, number)

    def _beside(self, number: int, text: bytes) -> None:
        """Put a text that is too long for its slot into a file of its own."""
        with suppress(OSError):
            _large(self._path, number).write_bytes(text)

    def runs(self, number: int, receiver: int) -> None:
        """Say which receiver runs now."""
        struct.pack_into("<I", self._map, number * SLOT_BYTES + 4, receiver)

    def leave(self, number: int) -> None:
        """Say that all of it is in the journal."""
        (length,) = struct.unpack_from("<I", self._map, number * SLOT_BYTES)
        struct.pack_into("<I", self._map, number * SLOT_BYTES, FREE)
        if length == SLOT_BYTES:
            _large(self._path, number).unlink(missing_ok=True)
        self._free.append(number)

    def close(self) -> None:
        """Take the board away: whoever ends well leaves nothing behind."""
        if len(self._free) == self._count:  # else somebody has to finish what could not be journaled
            self._path.unlink(missing_ok=True)
        self._map.close()
        os.close(self._fd)


class Slot:
    """One event's place on the board."""

    __slots__ = ("_board", "_number")

    def __init__(self, board: Board | None, number: int) -> None:
        self._board = board
        self._number = number

    def runs(self, receiver: int) -> None:
        """Say which receiver runs now, counted from 1; 0: none."""
        if self._board is not None:
            self._board.runs(self._number, receiver)

    def leave(self) -> None:
        """Give the place back."""
        if self._board is not None:
            self._board.leave(self._number)


def of_the_dead(folder: Path) -> Iterator[tuple[str, Path, int]]:
    """Find the boards of processes that live no more, each locked for whoever asks while it looks."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix:
            continue  # a long text beside a board
        try:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            continue
        if path.exists():
            yield path.name, path, fd
        os.close(fd)


def bury(path: Path) -> None:
    """Remove a board with all that lies beside it."""
    for each in path.parent.glob(f"{path.name}.*"):
        each.unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def read(path: Path, fd: int) -> Iterator[Left]:
    """Read what a dead process was doing."""
    for number in range(os.fstat(fd).st_size // SLOT_BYTES):
        head = os.pread(fd, _HEAD.size, number * SLOT_BYTES)
        length, running, since = _HEAD.unpack(head)
        if length == FREE:
            continue
        if length < SLOT_BYTES:
            text = os.pread(fd, length, number * SLOT_BYTES + _HEAD.size)
        else:
            text = _read_large(path, number)
        yield Left(text, running, since)


def _large(board: Path, number: int) -> Path:
    return board.with_name(f"{board.name}.{number}")


def _read_large(board: Path, number: int) -> bytes:
    try:
        text = _large(board, number).read_bytes()
    except OSError:
        return b""
    return text if text.endswith(b"}") else b""  # a full disk may have kept half of it
