"""WSGI middleware that takes the connection of an event stream over, so that it holds no request thread.

A view authenticates as ever, calls `subscribe` and returns an empty answer; after Flask is done, its status
and headers go out by the stream thread and gunicorn forgets the connection. `web/app.py` wraps this around
Flask.
"""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from neira.errors.server import StreamsFull
from neira.web.server.answers import SOCKET, ConnectionTaken, head, refuse
from neira.web.server.frames import HEARTBEAT, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication

    from neira.ports import Entropy
    from neira.web.server.answers import Environ, Headers
    from neira.web.server.frames import Subscription
    from neira.web.server.hub import StreamHub

SUBSCRIPTION = "neira.subscription"
OPENING = b"retry: 1000\n\n"
OWN_HEADERS = (
    ("Content-Type", "text/event-stream; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Accel-Buffering", "no"),
)
_OURS = frozenset(
    {name.lower() for name, _ in OWN_HEADERS} | {"content-length", "transfer-encoding", "connection"}
)


def subscribe(environ: Environ, subscription: Subscription) -> None:
    """Turn the answer to this request into an event stream, if it is a 200."""
    environ[SUBSCRIPTION] = subscription


class EventStreams:
    """The middleware; `hub` keeps what it takes over."""

    def __init__(self, app: WSGIApplication, hub: StreamHub, *, entropy: Entropy) -> None:
        self._app = app
        self._hub = hub
        self._entropy = entropy

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Run the application; its answer passes, unless it has subscribed."""
        held: list[Headers] = []

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            if SUBSCRIPTION not in environ or not status.startswith("200 "):
                return start_response(status, headers, exc_info)
            held[:] = [headers]
            return held.append  # WSGI's write(); nothing is written through it

        answer = self._app(environ, start)
        if not held:
            return answer
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        return self._serve(environ, start_response, _stream_headers(held[0]))

    def close(self) -> None:
        """End every stream; the worker calls this when it stops."""
        self._hub.close()

    def _serve(self, environ: Environ, start_response: StartResponse, headers: Headers) -> Iterable[bytes]:
        subscription: Subscription = environ[SUBSCRIPTION]
        connection = environ.get(SOCKET)
        if not isinstance(connection, socket.socket):
            start_response("200 OK", headers)
            return _from_this_thread(self._hub, subscription)
        try:
            self._hub.join(partial(_take, connection), head("200 OK", headers) + OPENING, subscription)
        except StreamsFull as full:
            return refuse(full, environ, start_response, self._entropy)
        raise ConnectionTaken


def _stream_headers(headers: Headers) -> Headers:
    return [*(header for header in headers if header[0].lower() not in _OURS), *OWN_HEADERS]


def _take(connection: socket.socket) -> socket.socket:
    """Move a connection out of gunicorn's hands; of a copy it would still half-close the original."""
    family, kind, protocol = connection.family, connection.type, connection.proto
    taken = socket.socket(family, kind, protocol, fileno=connection.detach())
    taken.setblocking(False)
    return taken


def _from_this_thread(hub: StreamHub, subscription: Subscription) -> Iterator[bytes]:
    """Serve one stream in the old way, under a server that does not let its connections go."""
    yield OPENING
    cursor = subscription.start(hub.source.head())
    beaten = hub.clock.monotonic()
    while subscription.valid():
        reached = hub.source.head()
        page = hub.source.since(cursor) if reached > cursor else ()
        yield from (encode(frame) for frame in page if subscription.audience(frame))
        cursor = page[-1].seq if page else max(cursor, reached)
        hub.clock.sleep(hub.limits.poll_seconds)
        if hub.clock.monotonic() - beaten >= hub.limits.heartbeat_seconds:
            beaten = hub.clock.monotonic()
            yield HEARTBEAT
