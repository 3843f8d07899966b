"""Event streams and bodies under another server than gunicorn: the old way, with the same words."""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any

from neira.web.server.body import BodyLimits, BoundedBody
from neira.web.server.hub import StreamHub, StreamLimits
from neira.web.server.streams import EventStreams
from tests.fakes import CountingEntropy, SteppedClock
from tests.web.server.serve import Lines, Tiny

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Call:
    """One WSGI call without a server."""

    def __init__(self, app: Any, path: str, body: bytes = b"", *, named: str = "", **environ: str) -> None:
        self.status = ""
        self.headers: dict[str, str] = {}
        given = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "CONTENT_LENGTH": str(len(body)), **environ}
        if named:
            given["neira.request_id"] = named
        self.answer: Iterable[bytes] = app({**given, "wsgi.input": BytesIO(body)}, self._start)

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        self.status, self.headers = status, dict(headers)


def build(tmp_path: Path) -> tuple[BoundedBody, Lines, SteppedClock]:
    """Compose the tiny application on a fake clock."""
    lines, clock = Lines(tmp_path / "lines"), SteppedClock()
    hub = StreamHub(lines, clock=clock, limits=StreamLimits(heartbeat_seconds=1.0))
    streams = EventStreams(Tiny(lines), hub, entropy=CountingEntropy())
    return (
        BoundedBody(streams, BodyLimits(plain_bytes=10), clock=clock, entropy=CountingEntropy()),
        lines,
        clock,
    )


def test_a_stream_is_a_generator(tmp_path: Path) -> None:
    """Without a connection to take over, frames and beats come from the request's own thread."""
    app, lines, _ = build(tmp_path)
    lines.append("before")
    stream = Call(app, "/stream", HTTP_LAST_EVENT_ID="0")
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    pieces = list(islice(stream.answer, 3))
    assert pieces == [b"retry: 1000\n\n", b"id: 7\nevent: line\ndata: before\n\n", b": beat\n\n"]


def test_a_body_is_bounded(tmp_path: Path) -> None:
    """The same refusals, without a connection to close."""
    app, _, _ = build(tmp_path)
    assert Call(app, "/echo", b"0123456789").status == "200 OK"
    assert Call(app, "/echo", b"0123456789a").status.startswith("413 ")
    assert Call(app, "/echo", b"x", CONTENT_LENGTH="5").status.startswith("400 ")
    assert Call(app, "/echo", CONTENT_LENGTH="-1").status.startswith("400 ")
    assert Call(app, "/echo", CONTENT_LENGTH="9" * 5000).status.startswith("413 ")


def test_a_request_keeps_the_name_that_it_was_given(tmp_path: Path) -> None:
    """Whoever named the request first is quoted in the refusal."""
    app, _, _ = build(tmp_path)
    refused = Call(app, "/echo", CONTENT_LENGTH="999", named="given")
    assert b'"request_id":"given"' in b"".join(refused.answer)


def test_ending_the_streams_twice_is_fine(tmp_path: Path) -> None:
    """The worker may say it more than once, and without any stream."""
    app, _, _ = build(tmp_path)
    app.close()
    app.close()
