"""The shared list of written files: nothing that was noted is lost, whoever takes it whenever."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from neira.storage.context_touched import Touched
from neira.storage.context_writer import Place
from tests.storage.context_worlds import NOTE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OTHER = Place("c", "s", "message")


def test_a_place_is_noted_once_until_the_list_is_taken(tmp_path: Path) -> None:
    """By any process; then it is noted again."""
    first, second = Touched(tmp_path / "list"), Touched(tmp_path / "list")
    for _ in range(3):
        first.note(NOTE)
    second.note(OTHER)
    assert (tmp_path / "list").read_bytes() == b"\nc/s/note\n\nc/s/message\n"
    taken = second.take()
    assert taken is not None
    assert taken.places == {NOTE, OTHER}
    assert taken.is_whole
    first.note(NOTE)
    assert (tmp_path / "list").exists()
    second.done()
    again = second.take()
    assert again is not None
    assert again.places == {NOTE}


def test_a_list_that_was_not_done_is_given_again(tmp_path: Path) -> None:
    """Whoever took it was killed."""
    Touched(tmp_path / "list").note(NOTE)
    assert not Touched(tmp_path / "none").is_waiting()
    taker = Touched(tmp_path / "list")
    for _ in range(2):
        taken = taker.take()
        assert taken is not None
        assert taken.places == {NOTE}
        assert taker.is_waiting()
    taker.done()
    assert taker.take() is None
    assert not taker.is_waiting()


def test_a_torn_or_foreign_entry_spoils_no_other(tmp_path: Path) -> None:
    """What is no place is passed over."""
    path = tmp_path / "list"
    path.write_bytes(b"c/s/mess\xff\n../x/note\na/b\n\nc/s/me")
    noting = Touched(path)
    noting.note(NOTE)
    taken = noting.take()
    assert taken is not None
    assert taken.places == {NOTE}


def test_a_list_that_is_too_long_says_so(tmp_path: Path) -> None:
    """And grows no more."""
    noting = Touched(tmp_path / "list", most=40)
    for number in range(100):
        noting.note(Place("c", f"s{number}", "note"))
    assert (tmp_path / "list").stat().st_size < 60
    taken = noting.take()
    assert taken is not None
    assert not taken.is_whole


def test_a_list_that_is_taken_while_it_is_noted_in_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry came too late for whoever took it away, so it is made again in the next one."""
    noting, taker = Touched(tmp_path / "list"), Touched(tmp_path / "list")
    real = os.write

    def taken_just_before(fd: int, data: bytes) -> int:
        if taker.take() is not None:
            monkeypatch.setattr("os.write", real)
            taker.done()
        return real(fd, data)

    monkeypatch.setattr("os.write", taken_just_before)
    noting.note(NOTE)
    taken = taker.take()
    assert taken is not None
    assert taken.places == {NOTE}


def test_nothing_is_lost_between_noting_and_taking(tmp_path: Path) -> None:
    """What stood in the file when its note was made is seen by whoever takes a list after that."""
    written: set[int] = set()
    seen: set[int] = set()
    noting, taker = Touched(tmp_path / "list"), Touched(tmp_path / "list")

    def write() -> None:
        for number in range(2_000):
            written.add(number)
            noting.note(NOTE if number % 3 else OTHER)

    thread = threading.Thread(target=write)
    thread.start()
    while thread.is_alive() or taker.is_waiting():
        if taker.take() is not None:
            seen |= set(written)
            taker.done()
    thread.join()
    assert seen == written
