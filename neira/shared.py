"""A page of numbers that all processes of a home see at once: no system call to read, none to write.

The kernel asks it before every request whether its picture of the world is old, the safe mode lives in it
first and on disk second, and the rate limits count in it. It is a hint board, never the truth: everything in
it is derived from the journal and from files, and is written anew by the first process that opens a home.
"""

from __future__ import annotations

import mmap
import os
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RATE_SLOTS = 4_096
VERSION_SLOTS = 65_536
_WORD = 8


class Word(IntEnum):
    """What each of the first words means."""

    WORLD_SEQ = 0  # number of the newest record that changes facts (not: an event)
    SAFE_MODE = 1  # one bit a reason
    SAFE_EDITION = 2  # counts changes of the safe mode, so that a process knows when to read the file again
    LATEST_TIME = 3  # the latest wall time seen, in microseconds: an expired token stays expired
    APPLIED = 4  # number of the newest record whose effects are in the stores
    APPLIED_SEGMENT = 5  # where the record after it will begin: number of the segment, and byte
    APPLIED_OFFSET = 6
    STRIKES = 7  # whether anything stands against any plugin
    RATES = 1_024  # from here: RATE_SLOTS pairs of (token, time)
    VERSIONS = 16_384  # from here: VERSION_SLOTS numbers of the records that wrote a stored value last


WORDS = Word.VERSIONS + VERSION_SLOTS


class SharedWords:
    """The page itself; words are unsigned 64-bit numbers."""

    def __init__(self, path: Path) -> None:
        size = WORDS * _WORD
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < size:
                os.posix_fallocate(descriptor, 0, size)  # a page without room on a full disk kills its writer
            self._map = mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
        self._words = memoryview(self._map).cast("Q")

    def __getitem__(self, index: int) -> int:
        return self._words[index]

    def __setitem__(self, index: int, value: int) -> None:
        self._words[index] = value

    def raise_to(self, index: int, value: int) -> None:
        """Set a word that only ever grows."""
        self._words[index] = max(self._words[index], value)

    def close(self) -> None:
        """Let go of the page."""
        self._words.release()
        self._map.close()
