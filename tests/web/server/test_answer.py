"""Our answer is gunicorn's, sent in one piece."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.http.wsgi import Response  # type: ignore[import-untyped]  # same
from hypothesis import given
from hypothesis import strategies as st

from neira.web.server.answer import Answer

if TYPE_CHECKING:
    from neira.web.server.answers import Headers

_ODD_NAMES = ["Content-Type", "X-A", "content-length", "Connection", "Server", "bad name", "X\r\nB", "", "Ä"]
NAMES = st.sampled_from(_ODD_NAMES) | st.text(max_size=6)
VALUES = st.sampled_from(["a", "0", "3", " a ", "a\tb", "close", "a\r\nX: b", "ä", "", "\x7f"]) | st.text(
    max_size=6
)
STATUSES = st.sampled_from(["200 OK", "204 No Content", "304 Not Modified", "404 Not Found", "nonsense"])
METHODS = st.sampled_from(["GET", "HEAD", "POST"])


class Wire:
    """What was sent, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        """Take one piece."""
        self.pieces.append(bytes(data))


def said(
    kind: type[Any], status: str, headers: list[tuple[str, str]], pieces: list[bytes], method: str
) -> Any:
    """Answer a request; return what went over the wire, in how many pieces, or the error."""
    wire = Wire()
    request = SimpleNamespace(method=method, version=(1, 1), should_close=lambda: False, headers=[])
    answer = kind(request, wire, Config())
    try:
        answer.start_response(status, list(headers))
        for piece in pieces:
            answer.write(piece)
        answer.close()
    except Exception as error:  # noqa: BLE001 - the same one is wanted of both
        return type(error), None, None
    sent = b"".join(wire.pieces)
    head, _, body = sent.partition(b"\r\n\r\n")
    lines = sorted(line for line in head.split(b"\r\n") if not line.startswith(b"Date:"))
    return lines, body, answer.should_close()


@given(STATUSES, st.lists(st.tuples(NAMES, VALUES), max_size=5), st.lists(st.binary(max_size=5)), METHODS)
def test_it_says_what_gunicorn_would_say(
    status: str, headers: Headers, pieces: list[bytes], method: str
) -> None:
    """The same lines, the same body, the same refusals of what is no header."""
    assert said(Answer, status, headers, pieces, method) == said(Response, status, headers, pieces, method)


@pytest.mark.parametrize(
    ("headers", "pieces", "sendings"),
    [
        ([("Content-Length", "2")], [b"xx"], 1),
        ([("Content-Length", "2")], [b"x", b"x"], 2),
        ([("Content-Length", "0")], [], 1),
        ([], [b"xx"], 2),  # chunked: the last chunk is empty
        ([], [], 1),
    ],
)
def test_head_and_body_go_together(
    headers: list[tuple[str, str]], pieces: list[bytes], sendings: int
) -> None:
    """A system call a piece, and none for the head alone."""
    wire = Wire()
    request = SimpleNamespace(method="GET", version=(1, 1), should_close=lambda: False, headers=[])
    answer = Answer(request, wire, Config())
    answer.start_response("200 OK", headers)
    before = answer.has_begun
    for piece in pieces:
        answer.write(piece)
    answer.close()
    assert (before, answer.has_begun, len(wire.pieces)) == (False, True, sendings)
