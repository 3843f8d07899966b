"""One open event stream as the stream thread keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from neira.web.server.frames import Frame, Subscription

MOST_HEARD = 4096  # bytes that a reader may say; it has nothing to say


class Reader:
    """One open stream: its socket, its place in the source, its unsent bytes."""

    __slots__ = ("connection", "cursor", "fed", "heard", "moved", "subscription", "unsent")

    def __init__(self, connection: socket.socket, head: bytes, subscription: Subscription) -> None:
        self.connection = connection
        self.subscription = subscription
        self.cursor = 0
        self.unsent = bytearray(head)
        self.moved = 0.0  # when it last took something, or had nothing to take
        self.fed = 0  # the round in which it was last read for
        self.heard = 0

    def feed(self, page: Sequence[Frame], written: Callable[[Frame], bytes], *, room: int) -> None:
        """Buffer the frames of a page that are meant for this reader, as far as there is room."""
        for frame in page:
            if len(self.unsent) > room:
                return
            if self.subscription.audience(frame):
                self.unsent += written(frame)
            self.cursor = frame.seq

    def flush(self, now: float) -> None:
        """Send what the client takes; raise OSError if it has gone."""
        while self.unsent:
            try:
                sent = self.connection.send(self.unsent)
            except BlockingIOError:
                return
            del self.unsent[:sent]
            self.moved = now

    def listen(self) -> bool:
        """Throw away what the client says, and tell whether it is still welcome."""
        try:
            said = len(self.connection.recv(MOST_HEARD))
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.heard += said
        return bool(said) and self.heard <= MOST_HEARD
