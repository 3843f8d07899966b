"""One thread a worker that serves every event stream of it; `streams.py` hands the connections in.

Readers cost no memory by being slow: a frame is written into a reader's buffer only while there is room, and
the source can be read again later. Whoever takes nothing for a while is dropped; `Last-Event-ID` resumes it.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from neira.errors.base import NeiraError
from neira.errors.server import StreamsFull
from neira.web.server.frames import HEARTBEAT, encode
from neira.web.server.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.ports import Clock
    from neira.web.server.frames import Frame, Source, Subscription

READS_A_ROUND = 32  # distinct places of the source that one round reads; other readers follow in the next
SCAN_SECONDS = 1.0  # between two looks at heartbeats, stalls and revoked readers
JOIN_SECONDS = 1.0  # what the end of the worker waits for the thread

_log = logging.getLogger("neira.streams")


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Bounds of one worker's streams."""

    streams: int = 4096
    buffer_bytes: int = 64 * 1024  # a reader with more than this unsent gets no further frame
    poll_seconds: float = 0.1
    heartbeat_seconds: float = 15.0
    stall_seconds: float = 20.0  # a reader that takes nothing for so long is dropped


class StreamHub:
    """The streams of one worker. Its thread starts with the first of them, and so after the fork."""

    def __init__(self, source: Source, *, clock: Clock, limits: StreamLimits) -> None:
        self.source = source
        self.clock = clock
        self.limits = limits
        self._lock = threading.Lock()  # guards all below
        self._joining: deque[Reader] = deque()
        self._count = 0
        self._closing = False
        self._thread: threading.Thread | None = None
        self._waker: socket.socket | None = None

    @property
    def count(self) -> int:
        """Count the streams that are open."""
        return self._count

    def join(self, take: Callable[[], socket.socket], head: bytes, subscription: Subscription) -> None:
        """Take a connection over and serve it from now on; or refuse, and take nothing."""
        with self._lock:
            if self._closing or self._count >= self.limits.streams:
                raise StreamsFull(self.limits.streams)
            if self._thread is None and not self._started():
                raise StreamsFull(self._count)
            self._joining.append(Reader(take(), head, subscription))
            self._count += 1
        self._wake()

    def close(self) -> None:
        """End every stream and the thread; a second call does nothing."""
        with self._lock:
            self._closing = True
            thread = self._thread
        self._wake()
        if thread is not None:
            thread.join(JOIN_SECONDS)

    def _started(self) -> bool:
        """Start the thread, unless descriptors have run out."""
        try:
            self._waker, woken = socket.socketpair()
            loop = StreamLoop(self.source, self.clock, self.limits, woken)
        except OSError:
            return False
        self._waker.setblocking(False)
        self._thread = threading.Thread(target=self._run, args=(loop,), name="neira-streams", daemon=True)
        self._thread.start()
        return True

    def _wake(self) -> None:
        waker = self._waker
        try:
            if waker is not None:
                waker.send(b"!")
        except OSError:
            return  # full: it is awake already; closed: it has ended

    def _run(self, loop: StreamLoop) -> None:
        """Serve until closed. A bug in here ends all streams, whose readers come back to a new thread."""
        try:
            while not self._closing:
                loop.turn(self._newcomers())
                with self._lock:
                    self._count = len(self._joining) + len(loop.readers)
        finally:
            self._forget(loop)

    def _newcomers(self) -> list[Reader]:
        with self._lock:
            found = list(self._joining)
            self._joining.clear()
        return found

    def _forget(self, loop: StreamLoop) -> None:
        loop.close()
        with self._lock:
            while self._joining:
                self._joining.pop().connection.close()
            self._thread = None
            self._count = 0
            if self._waker is not None:
                self._waker.close()


class StreamLoop:
    """What the thread does; nobody else touches it."""

    def __init__(self, source: Source, clock: Clock, limits: StreamLimits, woken: socket.socket) -> None:
        self.readers: set[Reader] = set()
        self._source = source
        self._clock = clock
        self._limits = limits
        self._woken = woken
        self._selector = selectors.DefaultSelector()
        self._selector.register(woken, selectors.EVENT_READ)
        self._round = 0
        self._next_poll = self._next_scan = clock.monotonic()

    def turn(self, newcomers: Sequence[Reader]) -> None:
        """Do one round: newcomers, what the clients did, new frames, and once a second the care of all."""
        if newcomers:
            self._admit(newcomers)
        wait = max(0.0, self._next_poll - self._clock.monotonic())
        for key, _ in self._selector.select(wait):
            self._on_event(key.data)
        now = self._clock.monotonic()
        if now >= self._next_poll:
            self._next_poll = now + self._limits.poll_seconds
            self._poll(now)
        if now >= self._next_scan:
            self._next_scan = now + SCAN_SECONDS
            self._scan(now)

    def close(self) -> None:
        """End every stream."""
        for reader in tuple(self.readers):
            self._drop(reader)
        self._selector.close()
        self._woken.close()

    def _admit(self, newcomers: Sequence[Reader]) -> None:
        now = self._clock.monotonic()
        head = self._head()
        for reader in newcomers:
            self.readers.add(reader)
            self._selector.register(reader.connection, selectors.EVENT_READ, reader)
            if head is None:
                self._drop(reader)  # without a place it could not be told what is new; it will come back
                continue
            reader.cursor = reader.subscription.start(head)
            reader.moved = now
            self._flush(reader, now)

    def _head(self) -> int | None:
        try:
            return self._source.head()
        except (NeiraError, OSError) as failed:
            _log.warning("the source of event streams failed: %s", failed)
            return None

    def _on_event(self, reader: Reader | None) -> None:
        if reader is None:
            self._woken.recv(4096)
        elif reader.listen():
            self._flush(reader, self._clock.monotonic())
        else:
            self._drop(reader)

    def _flush(self, reader: Reader, now: float) -> None:
        try:
            reader.flush(now)
        except OSError:
            self._drop(reader)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if reader.unsent else 0)
        self._selector.modify(reader.connection, wanted, reader)

    def _drop(self, reader: Reader) -> None:
        self.readers.discard(reader)
        self._selector.unregister(reader.connection)
        reader.connection.close()

    def _poll(self, now: float) -> None:
        """Give the readers what is new, those first who have waited longest."""
        self._round += 1
        try:
            head = self._source.head()
            room = self._limits.buffer_bytes
            behind = [
                reader for reader in self.readers if reader.cursor < head and len(reader.unsent) <= room
            ]
            self._feed(sorted(behind, key=lambda reader: reader.fed), head, now)
        except (NeiraError, OSError) as failed:
            self._next_poll = now + SCAN_SECONDS
            _log.warning("the source of event streams failed: %s", failed)

    def _feed(self, behind: Sequence[Reader], head: int, now: float) -> None:
        pages: dict[int, Sequence[Frame]] = {}
        written = lru_cache(maxsize=None)(encode)  # a frame is written once for all who get it
        for reader in behind:
            if reader.cursor not in pages:
                if len(pages) >= READS_A_ROUND:
                    continue
                pages[reader.cursor] = self._source.since(reader.cursor)
            page = pages[reader.cursor]
            reader.fed = self._round
            if not reader.unsent:
                reader.moved = now
            if page:
                reader.feed(page, written, room=self._limits.buffer_bytes)
            else:
                reader.cursor = head
            self._flush(reader, now)
        if any(reader.cursor < head and not reader.unsent for reader in behind):
            self._next_poll = now  # there is more, and somebody to take it

    def _scan(self, now: float) -> None:
        """Drop who stalls or has lost the right to read; tell the others that we are here."""
        for reader in tuple(self.readers):
            quiet = now - reader.moved
            stalled = reader.unsent and quiet > self._limits.stall_seconds
            if stalled or not reader.subscription.valid():
                self._drop(reader)
            elif not reader.unsent and quiet >= self._limits.heartbeat_seconds:
                reader.unsent += HEARTBEAT
                self._flush(reader, now)
