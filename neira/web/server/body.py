"""WSGI middleware that reads each body before the application runs: whole, bounded in bytes and in time.

`web/app.py` wraps it around Flask. Behind it `wsgi.input` is a plain file, so no view can meet a broken
chunk, a silent client or a body past the limit. Trailers are checked by gunicorn and end there: no header
comes of them.
"""

from __future__ import annotations

import tempfile
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from typing import IO, TYPE_CHECKING

from gunicorn.http.errors import (  # type: ignore[import-untyped]  # gunicorn has no types
    LimitRequestHeaders,
    NoMoreData,
    ParseException,
)
from werkzeug.wsgi import ClosingIterator

from neira.errors.base import NeiraError
from neira.errors.disk import DiskFull
from neira.errors.input import BodyTimeout, BodyTooLarge
from neira.errors.server import BadBody, UploadsBusy
from neira.web.server.answers import SOCKET, refuse_and_close
from neira.web.server.arrival import SMALL_BODY
from neira.web.server.connection import PatientSocket

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication

    from neira.ports import Clock, Entropy
    from neira.web.server.answers import Environ

PIECE = 64 * 1024
IN_MEMORY = 1024 * 1024  # a larger upload goes to a temporary file
MULTIPART = "multipart/form-data"
MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What a body may be."""

    plain_bytes: int = 1024 * 1024
    multipart_bytes: int = 64 * 1024 * 1024
    seconds: float = 10.0
    slots: int = 8  # large or chunked bodies that may hold a request thread at once


class BoundedBody:
    """The middleware; it holds nothing of a request but the count of those that arrive slowly."""

    def __init__(self, app: WSGIApplication, limits: BodyLimits, *, clock: Clock, entropy: Entropy) -> None:
        self._app = app
        self._limits = limits
        self._clock = clock
        self._entropy = entropy
        self._slots = threading.BoundedSemaphore(limits.slots)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Read the body, then run the application."""
        try:
            body = self._take(environ)
        except NeiraError as refused:
            return refuse_and_close(refused, environ, start_response, self._entropy)
        environ["wsgi.input"] = body
        environ["wsgi.input_terminated"] = True
        if isinstance(body, BytesIO):
            return self._app(environ, start_response)
        with ExitStack() as failed:
            failed.callback(body.close)
            answer = self._app(environ, start_response)
            failed.pop_all()
        return ClosingIterator(answer, body.close)

    def close(self) -> None:
        """Pass the end of the worker on to what is inside."""
        close = getattr(self._app, "close", None)
        if callable(close):
            close()

    def _take(self, environ: Environ) -> IO[bytes]:
        declared = _declared(environ)
        if declared == 0:
            return BytesIO()
        if declared is not None and declared <= min(SMALL_BODY, self._limits.plain_bytes):
            return self._take_small(environ, declared)
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        limit = self._limits.multipart_bytes if kind == MULTIPART else self._limits.plain_bytes
        if declared is not None and declared > limit:
            raise BodyTooLarge(limit)
        with ExitStack() as held:
            if declared is None or declared > SMALL_BODY:
                self._take_slot(held)
            held.callback(_set_deadline, environ, None)
            body, length = self._read(environ, limit, declared)
        environ["CONTENT_LENGTH"] = str(length)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return body

    def _take_small(self, environ: Environ, declared: int) -> IO[bytes]:
        """Read what the worker has waited for: it is there, and any kind of body may be as long."""
        until = self._clock.monotonic() + self._limits.seconds
        _set_deadline(environ, until)
        try:
            found = self._piece(environ["wsgi.input"], declared)
            while len(found) < declared and (
                more := self._piece(environ["wsgi.input"], declared - len(found))
            ):
                found += more
        finally:
            _set_deadline(environ, None)
        if self._clock.monotonic() > until:
            raise BodyTimeout(self._limits.seconds)
        if len(found) < declared:
            raise BadBody("it ends before its Content-Length")
        environ["CONTENT_LENGTH"] = str(declared)
        return BytesIO(found)

    def _take_slot(self, held: ExitStack) -> None:
        """Keep some request threads free: those who arrive slowly may only hold the others."""
        if not self._slots.acquire(blocking=False):
            raise UploadsBusy(self._limits.slots)
        held.callback(self._slots.release)

    def _read(self, environ: Environ, limit: int, declared: int | None) -> tuple[IO[bytes], int]:
        body: IO[bytes] = (
            BytesIO() if limit <= IN_MEMORY else tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - kept open
        )
        with ExitStack() as failed:
            failed.callback(body.close)
            length = self._fill(body, environ, limit, declared)
            failed.pop_all()
        body.seek(0)
        return body, length

    def _fill(self, body: IO[bytes], environ: Environ, limit: int, declared: int | None) -> int:
        until = self._clock.monotonic() + self._limits.seconds
        _set_deadline(environ, until)
        length = 0
        while length != declared:
            piece = self._piece(
                environ["wsgi.input"], PIECE if declared is None else min(PIECE, declared - length)
            )
            if self._clock.monotonic() > until:
                raise BodyTimeout(self._limits.seconds)
            if not piece:
                break
            length += len(piece)
            if length > limit:
                raise BodyTooLarge(limit)
            _keep(body, piece)
        if declared is not None and length < declared:
            raise BadBody("it ends before its Content-Length")
        return length

    def _piece(self, source: IO[bytes], size: int) -> bytes:
        """Read once, with every failure under its name."""
        try:
            return source.read(size)
        except TimeoutError as late:
            raise BodyTimeout(self._limits.seconds) from late
        except LimitRequestHeaders as long:
            raise BadBody("its trailers are too long") from long
        except NoMoreData as gone:
            raise BadBody("it ends inside a chunk") from gone
        except (ParseException, ValueError, OSError) as damaged:
            raise BadBody("its framing is damaged") from damaged


def _keep(body: IO[bytes], piece: bytes) -> None:
    try:
        body.write(piece)
    except OSError as full:
        raise DiskFull("an upload") from full


def _declared(environ: Environ) -> int | None:
    """Return the length that the client declared; None if the body is chunked."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    text = environ.get("CONTENT_LENGTH", "") or "0"
    if not (text.isascii() and text.isdigit()):
        raise BadBody("its Content-Length is not a number")
    return int(text) if len(text) <= MOST_DIGITS else 10**MOST_DIGITS


def _set_deadline(environ: Environ, until: float | None) -> None:
    """Tell the connection how long a read may take; other servers than ours have no such thing."""
    connection = environ.get(SOCKET)
    if isinstance(connection, PatientSocket):
        connection.deadline = until
