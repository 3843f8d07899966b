"""Answers given outside Flask, as problem+json: by the worker and by the middleware."""

from __future__ import annotations

import math
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from neira.parse.strict_json import dumps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from http import HTTPStatus
    from wsgiref.types import StartResponse

    from neira.errors.base import NeiraError
    from neira.model import Json
    from neira.ports import Entropy

Headers = list[tuple[str, str]]
Environ = dict[str, Any]

SOCKET = "gunicorn.socket"  # where gunicorn leaves the connection; other servers have no such key
REQUEST_ID = "neira.request_id"  # the application uses the same number
SECURITY: Sequence[tuple[str, str]] = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)


class ConnectionTaken(StopIteration):  # gunicorn answers nothing more on it
    """The connection has been dealt with outside gunicorn: answered, or moved to the stream thread."""


def request_id(environ: Environ, entropy: Entropy) -> str:
    """Name the request, once: whoever asks later gets the same name."""
    name: str | None = environ.get(REQUEST_ID)
    if name is None:
        name = environ[REQUEST_ID] = new_request_id(entropy)
    return name


def new_request_id(entropy: Entropy) -> str:
    """Mint a name for a request that never became one."""
    return entropy.bytes(16).hex()


def status_line(status: HTTPStatus) -> str:
    """Write a status as WSGI wants it."""
    return f"{status.value} {status.phrase}"


def problem(error: NeiraError, request_id: str) -> tuple[Headers, bytes]:
    """Turn a refusal into headers and a body, with the members that `web/problem.py` gives inside Flask."""
    content: dict[str, Json] = {
        "type": "about:blank",
        "title": error.status.phrase,
        "status": error.status.value,
        "detail": error.sentence,
        "code": error.code,
        "fault": error.fault,
        "retryable": error.retryable,
        "request_id": request_id,
        "hint": error.hint,
    }
    body = dumps({**error.details, **content}).encode()
    headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(body))), *SECURITY]
    if error.retry_after is not None:
        headers.append(("Retry-After", str(math.ceil(error.retry_after))))
    return headers, body


def head(status: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Write the head of an answer after which the connection ends."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def last_words(error: NeiraError, request_id: str) -> bytes:
    """Write a whole refusal, head and body, after which the connection ends."""
    headers, body = problem(error, request_id)
    return head(status_line(error.status), headers) + body


def refuse(
    error: NeiraError, environ: Environ, start_response: StartResponse, entropy: Entropy
) -> Iterable[bytes]:
    """Refuse in good order; the connection may go on."""
    headers, body = problem(error, request_id(environ, entropy))
    start_response(status_line(error.status), headers)
    return [body]


def refuse_and_close(
    error: NeiraError, environ: Environ, start_response: StartResponse, entropy: Entropy
) -> Iterable[bytes]:
    """Refuse and end the connection, where its next byte would still belong to this request."""
    connection = environ.get(SOCKET)
    if not isinstance(connection, socket.socket):
        return refuse(error, environ, start_response, entropy)
    with suppress(OSError):
        connection.sendall(last_words(error, request_id(environ, entropy)))
    raise ConnectionTaken
