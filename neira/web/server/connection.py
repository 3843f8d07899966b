"""One accepted connection as the worker keeps it: a socket with patience, and the bytes that came early."""

from __future__ import annotations

import errno
import socket
import time
from typing import TYPE_CHECKING, Any

from gunicorn import util  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]  # same

from neira.web.server.arrival import Arrival, arrived

if TYPE_CHECKING:
    from collections.abc import Callable

READ = 64 * 1024  # bytes taken at a time
SEND_SECONDS = 10.0  # one write to a client that does not read


class PatientSocket(socket.socket):
    """A blocking socket that waits for its client until a deadline, not for ever.

    Past the deadline a read raises TimeoutError, whoever reads: gunicorn's parser, its drain, a body. It must
    not look like an orderly end: the rest of a body would be taken for the next request.
    """

    deadline: float | None = None
    drained = 0  # bytes thrown away since the last answer

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Read what comes before the deadline."""
        if self.deadline is None:
            return super().recv(size, flags)
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)
        return super().recv(size, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Write all of it, or give the client up."""
        self.settimeout(SEND_SECONDS)
        try:
            super().sendall(data, flags)
        except TimeoutError as late:
            raise BrokenPipeError(errno.EPIPE, "the client does not read") from late


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's connection, which is given a whole request and closes without waiting."""

    def __init__(
        self, cfg: Any, sock: PatientSocket, client: Any, server: Any, linger: Callable[[PatientSocket], None]
    ) -> None:
        super().__init__(cfg, sock, client, server)
        self.early = bytearray()
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
