"""Messages on the socket."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.clock import SystemClock
from neira.errors import NeiraError
from neira.errors.keeper import BadFrame
from neira.keeper.frames import MOST, Ended, Line, packed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.model import Json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("abcйц\x00\u2028😀"),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcй", min_size=1), inner, max_size=4)
    ),
    max_leaves=10,
)


@contextmanager
def _pair(seconds: float = 5.0) -> Iterator[tuple[socket.socket, Line]]:
    """Give the raw end of a connection and the other end as a line."""
    raw, other = socket.socketpair()
    with closing(raw), closing(other):
        yield raw, Line(other, SystemClock(), seconds=seconds)


@settings(max_examples=100, deadline=None)
@given(st.lists(VALUES, max_size=5), st.integers(1, 7))
def test_messages_arrive_as_they_were_sent_however_they_are_cut(values: list[Json], size: int) -> None:
    """Pieces of any size, several messages behind each other, and then the end."""
    stream = b"".join(packed(value) for value in values)
    with _pair() as (raw, line):
        sender = threading.Thread(target=_send_in_pieces, args=(raw, stream, size))
        sender.start()
        received = [line.receive() for _ in values]
        sender.join()
        assert received == values
        with pytest.raises(Ended):
            line.receive()


def _send_in_pieces(raw: socket.socket, stream: bytes, size: int) -> None:
    for start in range(0, len(stream), size):
        raw.sendall(stream[start : start + size])
    raw.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">I", MOST + 1),
        b"\xff\xff\xff\xff",
        b"\x00\x00",
        struct.pack(">I", 10) + b"{}",
        struct.pack(">I", 3) + b"NaN",
        struct.pack(">I", 0),
        struct.pack(">I", 13) + b'{"a":1,"a":2}',
    ],
)
def test_what_is_no_message_is_refused(sent: bytes) -> None:
    """Too long, cut off, or not strict JSON; nothing is believed before it is whole."""
    with _pair() as (raw, line):
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        with pytest.raises(NeiraError):
            line.receive()


def test_a_message_that_does_not_come_in_time_is_given_up() -> None:
    """A dripping sender has one time for the whole message."""
    with _pair(seconds=0.2) as (raw, line):
        raw.sendall(b"\x00")
        with pytest.raises(TimeoutError):
            line.receive()


def test_a_message_that_is_too_long_is_not_sent() -> None:
    """The bound holds in both directions."""
    with pytest.raises(BadFrame):
        packed("x" * MOST)
