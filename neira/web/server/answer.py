"""gunicorn's answer, in one piece: the head waits for the first bytes of the body.

`worker.py` answers every request with one. All that an answer says is gunicorn's still; only the check of the
headers is done for all of them at once, and one by one where that fails.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gunicorn.http.wsgi import Response  # type: ignore[import-untyped]  # gunicorn has no types

if TYPE_CHECKING:
    from neira.web.server.answers import Headers

_SOUND = re.compile(r"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?\n)*")
_SPECIAL = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "trailers", "transfer-encoding", "upgrade", "server", "date", "content-length",
    }
)  # fmt: skip


class Answer(Response):  # type: ignore[misc]  # gunicorn has no types
    """What goes back to a client."""

    headers_sent: bool

    def __init__(self, req: Any, sock: Any, cfg: Any) -> None:
        super().__init__(req, sock, cfg)
        self._head = b""

    @property
    def has_begun(self) -> bool:
        """Tell whether anything has been sent."""
        return self.headers_sent and not self._head

    def process_headers(self, headers: Headers) -> None:
        """Take headers over; those that mean something to gunicorn, or are not plain, it checks itself."""
        plain = [field for field in headers if field[0].lower() not in _SPECIAL]
        if not _SOUND.fullmatch("".join([f"{name}:{value}\n" for name, value in plain])):
            super().process_headers(headers)
            return
        self.headers.extend(plain)
        super().process_headers([field for field in headers if field[0].lower() in _SPECIAL])

    def send_headers(self) -> None:
        """Write the head, and keep it for a moment."""
        if self.headers_sent:
            return
        lines = [*self.default_headers(), *(f"{name}: {value}\r\n" for name, value in self.headers), "\r\n"]
        self._head = "".join(lines).encode("latin-1")
        self.headers_sent = True

    def close(self) -> None:
        """Send what is left."""
        self.send_headers()
        self._send(b"0\r\n\r\n" if self.chunked else b"")

    def _emit_body(self, data: bytes) -> None:
        self._send(b"%X\r\n%b\r\n" % (len(data), data) if self.chunked else data)

    def _send(self, data: bytes) -> None:
        head, self._head = self._head, b""
        if head or data:
            self.sock.sendall(head + data)
