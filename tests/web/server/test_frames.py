"""Frames on the wire and the numbers that resume them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.server import BadEventNumber
from neira.web.server.frames import Frame, Subscription, encode, event_number


def read_back(raw: bytes) -> tuple[str, str, str]:
    """Read one frame as a browser does."""
    fields: dict[str, list[str]] = {}
    for line in raw.decode().removesuffix("\n\n").split("\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name, []).append(value.removeprefix(" "))
    return fields["id"][0], fields["event"][0], "\n".join(fields["data"])


@settings(max_examples=100)
@given(seq=st.integers(0, 2**63), data=st.text(st.characters(codec="utf-8")))
def test_a_frame_reads_back_as_it_was(seq: int, data: str) -> None:
    """Whatever the data holds, it stays one frame with the same data; line ends are those of the format."""
    raw = encode(Frame(seq, "line", data))
    assert raw.count(b"\n\n") == 1
    assert b"\r" not in raw
    assert read_back(raw) == (str(seq), "line", data.replace("\r\n", "\n").replace("\r", "\n"))


@pytest.mark.parametrize("event", ["a\nb", "a\rb"])
def test_the_name_of_an_event_is_one_line(event: str) -> None:
    """A name cannot smuggle a field in."""
    with pytest.raises(ValueError, match="one line"):
        Frame(1, event, "")


@pytest.mark.parametrize("header", ["-1", "9" * 20, "x\n", "1\n", " 1", "1 ", "01", "1.0", "٣", "0x1", "1,2"])
def test_a_bad_event_number_is_refused(header: str) -> None:
    """Only a plain number of a record resumes a stream."""
    with pytest.raises(BadEventNumber):
        event_number(header)


@pytest.mark.parametrize(("header", "number"), [(None, None), ("", None), ("0", 0), ("17", 17)])
def test_a_good_event_number_is_read(header: str | None, number: int | None) -> None:
    """No header, or an empty one, means no number."""
    assert event_number(header) == number


@pytest.mark.parametrize(("after", "start"), [(None, 50), (0, 0), (7, 7), (99, 50)])
def test_a_reader_starts_where_it_left(after: int | None, start: int) -> None:
    """Without a number with the present; a number from the future is the present too."""
    assert Subscription(lambda _: True, after).start(50) == start
