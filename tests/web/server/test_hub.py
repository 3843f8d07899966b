"""The stream thread by itself, over socket pairs: failing sources, revoked readers, little room."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from neira.clock import SystemClock
from neira.errors.server import StreamsFull
from neira.web.server.frames import Frame, Subscription
from neira.web.server.hub import StreamHub, StreamLimits
from tests.web.server.wire import PATIENCE, is_closed, more, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Numbers:
    """A source with a frame for each number, in small pages; it may be out of order for a while."""

    def __init__(self) -> None:
        self.last = 0
        self.failures = 0

    def head(self) -> int:
        """Return the last number."""
        if self.failures:
            self.failures -= 1
            raise OSError("the disk does not answer")
        return self.last

    def since(self, seq: int) -> Sequence[Frame]:
        """Return up to seven frames."""
        return [
            Frame(number, "number", str(number)) for number in range(seq + 1, min(seq + 7, self.last) + 1)
        ]


@pytest.fixture
def numbers() -> Numbers:
    """Give a source."""
    return Numbers()


@pytest.fixture
def hub(numbers: Numbers) -> Iterator[StreamHub]:
    """Run a hub whose readers have room for hardly a frame."""
    running = StreamHub(numbers, clock=SystemClock(), limits=StreamLimits(streams=40, buffer_bytes=8))
    yield running
    running.close()


def join(hub: StreamHub, subscription: Subscription) -> socket.socket:
    """Open a stream and wait until it has begun."""
    theirs, ours = socket.socketpair()
    ours.settimeout(PATIENCE)
    theirs.setblocking(False)
    hub.join(lambda: theirs, b"begun", subscription)
    assert more(ours, 5) == b"begun"
    return ours


def read_numbers(reader: socket.socket, last: int) -> list[int]:
    """Read a stream up to a number."""
    data = b""
    while f"id: {last}\n".encode() not in data or not data.endswith(b"\n\n"):
        data += more(reader)
    return [int(line.removeprefix("id: ")) for line in data.decode().splitlines() if line.startswith("id: ")]


def test_a_reader_far_behind_gets_every_frame_once(hub: StreamHub, numbers: Numbers) -> None:
    """Small pages and a small buffer change the pace, not the words; so do forty readers at forty places."""
    numbers.last = 150
    readers = [(place, join(hub, Subscription(lambda _: True, place))) for place in range(40)]
    for place, reader in readers:
        assert read_numbers(reader, 150) == list(range(place + 1, 151))
        reader.close()


def test_a_failing_source_costs_time_not_frames(hub: StreamHub, numbers: Numbers) -> None:
    """When it answers again, the streams go on."""
    with join(hub, Subscription(lambda _: True)) as reader:
        numbers.failures = 2
        numbers.last = 3
        assert read_numbers(reader, 3) == [1, 2, 3]


def test_a_reader_that_may_no_longer_read_is_dropped(hub: StreamHub) -> None:
    """A revoked token ends its stream, and no other."""
    allowed = [True]
    with (
        join(hub, Subscription(lambda _: True, valid=lambda: allowed[0])) as reader,
        join(hub, Subscription(lambda _: True)) as other,
    ):
        allowed.clear()
        allowed.append(False)
        assert is_closed(reader)
        wait_until(lambda: hub.count == 1)
        other.settimeout(0.01)
        assert not is_closed(other)


def test_a_full_hub_takes_nothing(hub: StreamHub) -> None:
    """Whoever is refused keeps its connection; a place that becomes free is given again."""
    readers = [join(hub, Subscription(lambda _: True)) for _ in range(40)]
    with pytest.raises(StreamsFull):
        hub.join(pytest.fail, b"", Subscription(lambda _: True))
    for reader in readers:
        reader.close()
    wait_until(lambda: hub.count == 0)
    join(hub, Subscription(lambda _: True)).close()


def test_the_end_of_the_hub_ends_its_streams(hub: StreamHub) -> None:
    """All readers see the end, and nobody gets in any more."""
    readers = [join(hub, Subscription(lambda _: True)) for _ in range(5)]
    hub.close()
    for reader in readers:
        assert is_closed(reader)
        reader.close()
    with pytest.raises(StreamsFull):
        hub.join(pytest.fail, b"", Subscription(lambda _: True))
