"""Messages on the keeper's socket: four bytes of length, the highest first, then that many of strict JSON."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from neira.errors.keeper import BadFrame
from neira.parse import strict_json

if TYPE_CHECKING:
    import socket

    from neira.model import Json
    from neira.ports import Clock

MOST = 256 * 1024  # bytes of one message
_LENGTH = struct.Struct(">I")


class Ended(Exception):
    """The other side has nothing more to say."""


def packed(value: Json) -> bytes:
    """Write one message."""
    body = strict_json.dumps(value).encode()
    if len(body) > MOST:
        raise BadFrame(f"it has {len(body)} bytes, at most {MOST} are allowed")
    return _LENGTH.pack(len(body)) + body


class Line:
    """One end of a connection; every message must have come or gone within its time."""

    def __init__(self, connection: socket.socket, clock: Clock, *, seconds: float) -> None:
        self._connection = connection
        self._clock = clock
        self._seconds = seconds

    def send(self, value: Json) -> None:
        """Send one message."""
        self._connection.settimeout(self._seconds)
        self._connection.sendall(packed(value))

    def receive(self) -> Json:
        """Wait for one message; the end of the connection before it is `Ended`, within it a `BadFrame`."""
        until = self._clock.monotonic() + self._seconds
        head = self._exactly(_LENGTH.size, until)
        if not head:
            raise Ended
        (length,) = _LENGTH.unpack(head)
        if length > MOST:
            raise BadFrame(f"it announces {length} bytes, at most {MOST} are allowed")
        return strict_json.loads(self._exactly(length, until))

    def _exactly(self, count: int, until: float) -> bytes:
        pieces = bytearray()
        while len(pieces) < count:
            left = until - self._clock.monotonic()
            if left <= 0:
                raise TimeoutError
            self._connection.settimeout(left)
            piece = self._connection.recv(count - len(pieces))
            if not piece and not pieces and count == _LENGTH.size:
                return b""
            if not piece:
                raise BadFrame(f"it breaks off after {len(pieces)} of {count} bytes")
            pieces += piece
        return bytes(pieces)
