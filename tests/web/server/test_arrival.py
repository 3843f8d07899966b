"""When a request is handed to a thread: not before it is whole, and never later than that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.web.server.arrival import MOST_HEAD, SMALL_BODY, Arrival, arrived
from tests.web.server.wire import chunked, get, post


@settings(max_examples=100)
@given(body=st.binary(max_size=300), cut=st.integers(min_value=1))
def test_a_small_request_is_waited_for_to_its_last_byte(body: bytes, cut: int) -> None:
    """Any proper beginning is a part, the whole is whole, and so is anything longer."""
    request = post("/x", body)
    assert arrived(request[: len(request) - 1 - cut % (len(request) - 1)]) is Arrival.PART
    assert arrived(request) is Arrival.WHOLE
    assert arrived(request + b"GET") is Arrival.WHOLE


@pytest.mark.parametrize(
    "request_",
    [
        get("/"),
        post("/", b"", length=SMALL_BODY + 1),
        post("/", b"", length=10**12),
        post("/", b"", "Expect: 100-continue", length=5),
        chunked("/", b""),
        b"NONSENSE\r\n\r\n",
    ],
)
def test_a_head_is_enough_where_no_small_body_follows(request_: bytes) -> None:
    """Large, chunked and awaited bodies are read by the application's side, under a deadline of its own."""
    assert arrived(request_) is Arrival.WHOLE


@pytest.mark.parametrize("data", [b"x" * (MOST_HEAD + 1), b"x" * (MOST_HEAD + 1) + b"\r\n\r\n"])
def test_a_head_has_an_end(data: bytes) -> None:
    """What grows past the limit is too long, with its end or without."""
    assert arrived(data) is Arrival.TOO_LONG


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_are_judged(data: bytes) -> None:
    """No bytes raise; short ones are never too long."""
    assert arrived(data) is not Arrival.TOO_LONG
