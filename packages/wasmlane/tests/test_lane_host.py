"""Host functions: what they answer arrives, and nothing they do gets into the engine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from wasmlane import Answer, Host, Kind, Lane, Limits, Trapped

if TYPE_CHECKING:
    from collections.abc import Callable

    Framed = Callable[..., str]  # writes a guest around its functions

IMPORT = '(import "env" "ask" (func $ask (param i32 i32) (result i64)))'
ASKING = """
  (func (export "ask") (param i32 i32) (result i64) (call $ask (local.get 0) (local.get 1)))
  (func (export "twice") (param i32 i32) (result i64)
    (drop (call $ask (local.get 0) (local.get 1))) (call $ask (local.get 0) (local.get 1)))
  (func (export "flood") (param i32 i32) (result i64)
    (loop $l (drop (call $ask (i32.const 0) (i32.const 0))) (br $l)) (i64.const 0))
  (func (export "outside") (param i32 i32) (result i64) (call $ask (i32.const 65530) (i32.const 7)))
  (func (export "report") (result i64) (call $pack (i32.const 0) (i32.const 3)))
  (func (export "plead") (result i64) (call $ask (i32.const 0) (i32.const 3)))
"""


def shout(_module: str, _name: str, data: bytes) -> bytes:
    """Answer in capitals."""
    return data.upper()


def fail(_module: str, _name: str, _data: bytes) -> bytes:
    """Fail."""
    raise ValueError("no such annotation")


def data_of(ended: Answer | Trapped) -> bytes:
    """Take the answer's bytes; anything else is a failure."""
    assert isinstance(ended, Answer), ended
    return ended.data


def trapped(ended: object) -> Trapped:
    """Take the end of a call that must be stopped."""
    assert isinstance(ended, Trapped), ended
    return ended


def test_a_question_reaches_the_host_and_the_answer_the_guest(lane: Lane, framed: Framed) -> None:
    """Bytes go both ways, under the import's two names."""
    heard = []

    def host(module: str, name: str, data: bytes) -> bytes:
        heard.append((module, name, data))
        return b"<" + data + b">"

    ended = lane.load(framed(ASKING, imports=IMPORT)).call("twice", b"hello", host=host)
    assert isinstance(ended, Answer)
    assert ended.data == b"<hello>"
    assert ended.cost.host_calls == 2
    assert heard == [("env", "ask", b"hello")] * 2


@pytest.mark.parametrize("said", [b"", bytearray(b"ab"), memoryview(b"abc")])
def test_hosts_answer_any_kind_of_bytes(lane: Lane, framed: Framed, said: bytes) -> None:
    """An empty answer needs no room."""
    ended = lane.load(framed(ASKING, imports=IMPORT)).call("ask", b"x", host=lambda *_: said)
    assert isinstance(ended, Answer)
    assert ended.data == bytes(said)


def test_a_host_that_raises_stops_the_guest(lane: Lane, framed: Framed) -> None:
    """The exception is kept as the cause; it goes nowhere else."""
    image = lane.load(framed(ASKING, imports=IMPORT))
    for _ in range(3):
        ended = trapped(image.call("twice", b"x", host=fail, autopsy="report"))
        assert ended.kind == Kind.HOST
        assert isinstance(ended.cause, ValueError)
        assert "no such annotation" in ended.message
        assert (ended.cost.host_calls, ended.autopsy) == (1, bytes(3))
        assert data_of(image.call("ask", b"x", host=shout)) == b"X"


def test_an_answer_that_is_no_bytes_stops_the_guest(lane: Lane, framed: Framed) -> None:
    """The sentence names the import and what it got."""

    def host(*_: object) -> Any:
        return {"a": 1}

    ended = trapped(lane.load(framed(ASKING, imports=IMPORT)).call("ask", b"x", host=host))
    assert ended.kind == Kind.HOST
    assert isinstance(ended.cause, TypeError)
    assert "env.ask answers bytes, not dict" in ended.message


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_programs_is_raised_again(lane: Lane, framed: Framed, error: type[BaseException]) -> None:
    """Ctrl-C in a host function ends the call, then the program; the image outlives it where it is caught."""

    def host(*_: object) -> bytes:
        raise error

    image = lane.load(framed(ASKING, imports=IMPORT))
    for _ in range(3):
        with pytest.raises(error):
            image.call("ask", b"x", host=host)
        assert isinstance(image.call("ask", b"x", host=shout), Answer)


def test_a_guest_without_a_host_is_stopped_when_it_asks(lane: Lane, framed: Framed) -> None:
    """It can do everything else."""
    image = lane.load(framed(ASKING, imports=IMPORT))
    assert trapped(image.call("ask", b"x")).kind == Kind.HOST


def test_floods_end_at_the_limit(lane: Lane, framed: Framed) -> None:
    """Host calls are counted, and none goes through beyond the limit."""
    calls: list[None] = []

    def host(*_: object) -> bytes:
        calls.append(None)
        return b""

    image = lane.load(framed(ASKING, imports=IMPORT))
    ended = trapped(image.call("flood", b"", host=host, limits=Limits(host_calls=50), autopsy="report"))
    assert (ended.kind, ended.cost.host_calls, len(calls)) == (Kind.HOST_CALLS, 50, 50)
    assert ended.autopsy == bytes(3)


def test_an_autopsy_may_not_ask_the_host(lane: Lane, framed: Framed) -> None:
    """The call is over; whoever answered it is not asked again."""
    ended = trapped(lane.load(framed(ASKING, imports=IMPORT)).call("ask", b"", host=fail, autopsy="plead"))
    assert ended.autopsy is None
    assert isinstance(ended.cause, ValueError)


def test_questions_outside_of_memory_are_not_heard(lane: Lane, framed: Framed) -> None:
    """The host never sees bytes that the guest has not."""
    ended = trapped(lane.load(framed(ASKING, imports=IMPORT)).call("outside", b"", host=shout))
    assert ended.kind == Kind.BAD_POINTER


def test_too_large_answers_of_the_host_stop_the_guest(lane: Lane, framed: Framed) -> None:
    """What does not fit the limit, and what does not fit the guest."""
    image = lane.load(framed(ASKING, imports=IMPORT))
    ended = trapped(image.call("ask", b"", host=lambda *_: bytes(101), limits=Limits(host_bytes=100)))
    assert ended.kind == Kind.OUTPUT
    ended = trapped(image.call("ask", b"", host=lambda *_: bytes(100_000)))
    assert ended.kind == Kind.ALLOC


def test_time_in_host_functions_counts(lane: Lane, framed: Framed) -> None:
    """A host that dawdles does not give the guest more time."""

    def dawdle(*_: object) -> bytes:
        time.sleep(0.05)
        return b""

    ended = trapped(
        lane.load(framed(ASKING, imports=IMPORT)).call(
            "flood", b"", host=dawdle, limits=Limits(timeout_ms=120)
        )
    )
    assert ended.kind == Kind.TIME
    assert ended.cost.host_calls <= 4


def test_a_host_may_call_the_same_image(lane: Lane, framed: Framed) -> None:
    """Each level has a world of its own."""
    image = lane.load(framed(ASKING, imports=IMPORT))

    def deeper(level: int) -> Host:
        def host(_module: str, _name: str, data: bytes) -> bytes:
            if level == 0:
                return data
            inner = image.call("ask", data + b".", host=deeper(level - 1))
            assert isinstance(inner, Answer)
            return inner.data

        return host

    assert data_of(image.call("ask", b"x", host=deeper(5))) == b"x....."


def test_the_ninth_level_is_refused(lane: Lane, framed: Framed) -> None:
    """Guests nest eight deep; the next one does not begin, and the others come back."""
    image = lane.load(framed(ASKING, imports=IMPORT))
    ends: list[object] = []

    def host(_module: str, _name: str, data: bytes) -> bytes:
        ends.append(image.call("ask", data, host=host))
        return data

    assert isinstance(image.call("ask", b"x", host=host), Answer)
    assert [isinstance(each, Answer) for each in ends] == [False, *[True] * 7]
    assert trapped(ends[0]).kind == Kind.NESTING
    assert isinstance(image.call("ask", b"x", host=shout), Answer)


ASKING_ALLOC = """
(module
  (import "env" "ask" (func $ask (param i32 i32) (result i64)))
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32)
    (drop (call $ask (i32.const 0) (i32.const 1)))
    (i32.const 1024))
  (func (export "run") (param i32 i32) (result i64) (call $ask (i32.const 0) (i32.const 1))))
"""


def test_an_alloc_that_asks_the_host_back_is_stopped(lane: Lane) -> None:
    """While room is made for an answer there is no other question: it would never end."""
    image = lane.load(ASKING_ALLOC)
    for host in (shout, fail) * 3:
        ended = trapped(image.call("run", b"", host=host, autopsy="run"))
        assert ended.kind == Kind.HOST
        assert isinstance(ended.cause, ValueError) is (host is fail)


def test_an_alloc_that_fails_for_the_host_stops_the_guest(lane: Lane) -> None:
    """A trap inside of a host call ends the whole call."""
    image = lane.load(ASKING_ALLOC.replace("(drop (call $ask (i32.const 0) (i32.const 1)))", "(unreachable)"))
    assert trapped(image.call("run", b"", host=shout)).kind == Kind.ALLOC
    image = lane.load(
        ASKING_ALLOC.replace("(drop (call $ask (i32.const 0) (i32.const 1)))", "(loop $l (br $l))")
    )
    assert trapped(image.call("run", b"", host=shout, limits=Limits(fuel=1_000_000))).kind == Kind.FUEL


def test_an_advanced_image_remembers_what_it_was_told(lane: Lane, framed: Framed) -> None:
    """The host is asked once, when the image is made, and not when it is called."""
    body = (
        ASKING
        + """
      (global $kept (mut i64) (i64.const 0))
      (func (export "keep") (param i32 i32) (result i64)
        (global.set $kept (call $ask (local.get 0) (local.get 1))) (i64.const 0))
      (func (export "kept") (param i32 i32) (result i64) (global.get $kept))"""
    )
    heard = []

    def host(_module: str, _name: str, data: bytes) -> bytes:
        heard.append(data)
        return data * 2

    made = lane.load(framed(body, imports=IMPORT)).advance("keep", b"ab", host=host)
    assert not isinstance(made, Trapped)
    assert {data_of(made[1].call("kept", b"", host=fail)) for _ in range(3)} == {b"abab"}
    assert heard == [b"ab"]
