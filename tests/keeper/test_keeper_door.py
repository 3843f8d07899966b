"""The keeper's door, from outside."""

from __future__ import annotations

import os
import socket
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from neira.clock import SystemClock
from neira.errors.keeper import BadKeeperRequest, KeeperAway, KeeperRefused
from neira.founding import found
from neira.home import Home
from neira.keeper import socket_path
from neira.keeper.ask import ask
from neira.keeper.door import PLACES, Door
from neira.keeper.frames import Line, packed
from tests.keeper.parts import ListLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neira.model import Json, JsonObject

CLOCK = SystemClock()


class Answers:
    """What stands behind the door in these tests."""

    def __init__(self) -> None:
        self.release = threading.Event()

    def __call__(self, asked: Json) -> JsonObject:
        """Answer as the request says."""
        if asked == {"do": "fail"}:
            raise ValueError("odd")
        if asked == {"do": "refuse"}:
            raise BadKeeperRequest("no", ("echo",))
        if asked == {"do": "hold"}:
            self.release.wait(20)
        return {"echo": asked}


@pytest.fixture
def answers() -> Answers:
    """Give the answers."""
    return Answers()


@pytest.fixture
def door(home: Path, answers: Answers) -> Iterator[Door]:
    """Open a door."""
    made = Door(Home(home), answers, CLOCK, ListLog())
    made.open()
    yield made
    answers.release.set()
    made.close()


def test_a_request_is_answered_and_several_on_one_line(home: Path, door: Door) -> None:
    """A caller may stay and ask again."""
    assert ask(Home(home), {"do": "x", "ы": [1, 2.5, None]}, CLOCK) == {
        "echo": {"do": "x", "ы": [1, 2.5, None]}
    }
    with socket_path.connection(Home(home), 5.0) as connection:
        line = Line(connection, CLOCK, seconds=5.0)
        for number in range(20):
            line.send({"do": number})
            assert line.receive() == {"ok": {"echo": {"do": number}}}


def test_the_socket_is_for_its_owner_alone(home: Path, door: Door) -> None:
    """Nobody else may write to it, and it lies in a folder that nobody else may enter."""
    mode = (home / ".neira" / "keeper.sock").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE((home / ".neira").stat().st_mode) == 0o700


@pytest.mark.parametrize(("word", "code"), [("refuse", "bad_keeper_request"), ("fail", "internal_fault")])
def test_a_refusal_and_a_fault_are_told_as_such(home: Path, door: Door, word: str, code: str) -> None:
    """And the door stays open."""
    with pytest.raises(KeeperRefused) as refused:
        ask(Home(home), {"do": word}, CLOCK)
    assert refused.value.details["keeper_code"] == code
    assert ask(Home(home), {"do": "x"}, CLOCK)


@pytest.mark.parametrize("sent", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01{", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_message_gets_one_refusal_and_the_end(home: Path, door: Door, sent: bytes) -> None:
    """The next caller is served as ever."""
    with socket_path.connection(Home(home), 5.0) as raw:
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        line = Line(raw, CLOCK, seconds=5.0)
        answer = line.receive()
        assert isinstance(answer, dict)
        assert set(answer) == {"err"}
        with suppress(ConnectionResetError):  # it does not read the rest
            assert raw.recv(1) == b""
    assert ask(Home(home), {"do": "x"}, CLOCK)


def test_silent_and_busy_callers_keep_nobody_out_for_ever(home: Path, door: Door, answers: Answers) -> None:
    """Whoever waits outside is served when a place is free."""
    place = Home(home)
    with ThreadPoolExecutor(2 * PLACES) as pool:
        held = [pool.submit(ask, place, {"do": "hold"}, CLOCK) for _ in range(PLACES)]
        late = pool.submit(ask, place, {"do": "x"}, CLOCK)
        answers.release.set()
        assert late.result(20) == {"echo": {"do": "x"}}
        assert all(each.result(20) for each in held)
    with socket_path.connection(place, 5.0) as gone:
        gone.sendall(packed({"do": "x"})[:-1])
    assert ask(place, {"do": "x"}, CLOCK)


def test_nobody_answers_behind_a_closed_door(home: Path, answers: Answers) -> None:
    """No keeper yet, one that has gone, and the socket of one that was killed."""
    place = Home(home)
    with pytest.raises(KeeperAway):
        ask(place, {"do": "x"}, CLOCK)
    door = Door(place, answers, CLOCK, ListLog())
    door.open()
    door.close()
    assert not (home / ".neira" / "keeper.sock").exists()
    with closing(socket_path.listener(place)):
        pass
    with pytest.raises(KeeperAway):
        ask(place, {"do": "x"}, CLOCK)
    successor = Door(place, answers, CLOCK, ListLog())
    successor.open()
    assert ask(place, {"do": "x"}, CLOCK)
    successor.close()


def test_a_home_with_a_long_path_has_a_door_as_well(tmp_path: Path, answers: Answers) -> None:
    """Longer than any address of a socket may be."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    place = found(deep / "home")
    assert len(os.fsencode(place.root)) > 108
    door = Door(place, answers, CLOCK, ListLog())
    door.open()
    assert ask(place, {"do": "x"}, CLOCK)
    door.close()
