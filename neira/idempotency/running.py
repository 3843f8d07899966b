"""Keys whose first request is running now: a kernel lock each, so that a dead process frees its own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from neira.errors.change import IdempotencyRunning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neira.idempotency.index import Use


class RunningKeys:
    """One byte of a lock file a key; POSIX locks count processes, the set counts threads."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._mine: set[int] = set()
        self._guard = threading.Lock()

    @contextmanager
    def only(self, use: Use) -> Iterator[None]:
        """Run the block for one request at a time of this actor and key; another is told to come back."""
        name = f"{use.actor}\0{use.key}".encode()
        place = int.from_bytes(hashlib.sha256(name).digest()[:7], "big")
        self._take(place)
        try:
            yield
        finally:
            self._give(place)

    def close(self) -> None:
        """Let go of the lock file."""
        os.close(self._descriptor)

    def _take(self, place: int) -> None:
        with self._guard:
            if place in self._mine:
                raise IdempotencyRunning
            try:
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                raise IdempotencyRunning from None
            self._mine.add(place)

    def _give(self, place: int) -> None:
        with self._guard:
            self._mine.discard(place)
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, place)
