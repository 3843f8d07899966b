"""One accepted connection as the worker keeps it: a socket with patience, and the bytes that came early."""

from __future__ import annotations

import errno
import math
import select
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gunicorn import util  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]  # same

from neira.web.server.arrival import Arrival, arrived

if TYPE_CHECKING:
    from collections.abc import Callable

READ = 64 * 1024  # bytes taken at a time
SEND_SECONDS = 10.0  # one write to a client that does not read


class PatientSocket(socket.socket):
    """A socket that waits for its client until a deadline, not for ever.

    Past the deadline a read raises TimeoutError, whoever reads: gunicorn's parser, its drain, a body. It must
    not look like an orderly end: the rest of a body would be taken for the next request.

    The kernel is told once not to block. What gunicorn says of that with each request stays here: it would be
    a system call each time, and each of those may cost a thread its turn.
    """

    deadline: float | None = None
    drained = 0  # bytes thrown away since the last answer

    def __init__(self, plain: socket.socket) -> None:
        super().__init__(plain.family, plain.type, plain.proto, fileno=plain.detach())
        super().setblocking(False)
        self._patience: float | None = 0.0

    def setblocking(self, flag: bool) -> None:
        """Say whether reads wait."""
        self._patience = None if flag else 0.0

    def settimeout(self, value: float | None) -> None:
        """Say for how long reads wait."""
        self._patience = value

    def gettimeout(self) -> float | None:
        """Return for how long reads wait."""
        return self._patience

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Read what comes before the deadline."""
        if self.deadline is not None and self.deadline <= time.monotonic():
            raise TimeoutError
        until: float | None = None
        while True:
            try:
                return super().recv(size, flags)
            except BlockingIOError:
                if self._patience == 0.0 and self.deadline is None:
                    raise
            until = until or self._until()
            self._wait(select.POLLIN, until)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Write all of it, or give the client up."""
        try:
            sent = self.send(data, flags)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._send_rest(memoryview(data)[sent:], flags)

    def _send_rest(self, rest: memoryview, flags: int) -> None:
        until = time.monotonic() + SEND_SECONDS
        while rest:
            try:
                self._wait(select.POLLOUT, until)
            except TimeoutError as late:
                raise BrokenPipeError(errno.EPIPE, "the client does not read") from late
            with suppress(BlockingIOError):
                rest = rest[self.send(rest, flags) :]

    def _until(self) -> float:
        """Say when a read that begins now has waited long enough."""
        soon = math.inf if self._patience is None else time.monotonic() + self._patience
        return soon if self.deadline is None else self.deadline

    def _wait(self, event: int, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        waiting = select.poll()
        waiting.register(self.fileno(), event)
        waiting.poll(None if left == math.inf else math.ceil(left * 1000))


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's connection, which is given a whole request and closes without waiting."""

    def __init__(
        self, cfg: Any, sock: PatientSocket, client: Any, server: Any, linger: Callable[[PatientSocket], None]
    ) -> None:
        super().__init__(cfg, sock, client, server)
        self.early = bytearray()
        self.is_watched = False  # whether the idle connections' epoll knows it
        self._linger = linger

    def look(self) -> Arrival:
        """Read what has come, if more is needed, and tell what there is."""
        if arrived(self.early) is Arrival.PART and not self._read_early():
            return Arrival.GONE
        return arrived(self.early)

    def _read_early(self) -> bool:
        self.sock.setblocking(False)
        self.sock.deadline = None
        try:
            data = self.sock.recv(READ)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.early += data
        return bool(data)

    def take_leftover(self) -> None:
        """Take back what the parser has read past the former request."""
        if self.parser is not None:
            self.early += self.parser.unreader.take_buffered()

    def hand_over(self, deadline: float) -> None:
        """Give the bytes to the parser and make the socket ready for a thread."""
        self.init()
        self.parser.unreader.unread(bytes(self.early))
        self.early.clear()
        self.data_ready = True
        self.sock.deadline = deadline

    def say(self, answer: bytes) -> None:
        """Send a short answer from the loop, if the client takes it at once."""
        try:
            self.sock.setblocking(False)
            self.sock.send(answer)
        except OSError:
            return

    def close(self, graceful: bool = False) -> None:
        """Close; in the graceful case the loop lingers, nobody waits."""
        if self.sock.fileno() < 0:
            return
        if graceful:
            self._linger(self.sock)
        else:
            util.close(self.sock)
