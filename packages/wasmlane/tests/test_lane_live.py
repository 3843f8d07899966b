"""A live guest keeps its state; a call that is stopped ends it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from wasmlane import Answer, Busy, Closed, Kind, Lane, Trapped

if TYPE_CHECKING:
    from collections.abc import Callable

    Framed = Callable[..., str]  # writes a guest around its functions

COUNTER = """
  (global $count (mut i32) (i32.const 0))
  (func (export "next") (param i32 i32) (result i64)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store8 (i32.const 16) (global.get $count))
    (call $pack (i32.const 16) (i32.const 1)))
  (func (export "grow") (param i32 i32) (result i64) (drop (memory.grow (i32.const 1))) (i64.const 0))
  (func (export "fail") (param i32 i32) (result i64) (unreachable))
  (func (export "ask") (param i32 i32) (result i64) (call $ask (local.get 0) (local.get 1)))
"""
IMPORT = '(import "env" "ask" (func $ask (param i32 i32) (result i64)))'


def numbers(ends: list[Answer | Trapped]) -> list[int]:
    """Read counters."""
    return [each.data[0] for each in ends if isinstance(each, Answer)]


def test_state_is_kept_until_reset(lane: Lane, framed: Framed) -> None:
    """Two live guests and the image do not see each other."""
    image = lane.load(framed(COUNTER, imports=IMPORT))
    with image.open() as one, image.open() as two:
        assert numbers([one.call("next", b"") for _ in range(3)]) == [1, 2, 3]
        assert numbers([two.call("next", b""), image.call("next", b"")]) == [1, 1]
        one.reset()
        assert numbers([one.call("next", b"")]) == [1]


def test_a_trap_ends_it_until_reset(lane: Lane, framed: Framed) -> None:
    """Nobody works on with half a state."""
    with lane.load(framed(COUNTER, imports=IMPORT)).open() as guest:
        guest.call("next", b"")
        kinds = [getattr(guest.call(name, b""), "kind", "") for name in ("fail", "next", "fail", "next")]
        assert kinds == [Kind.UNREACHABLE, Kind.ENDED, Kind.ENDED, Kind.ENDED]
        guest.reset()
        assert numbers([guest.call("next", b"")]) == [1]


def test_a_call_that_does_not_begin_ends_nothing(lane: Lane, framed: Framed) -> None:
    """A wrong name is the caller's mistake, not the guest's."""
    with lane.load(framed(COUNTER, imports=IMPORT)).open() as guest:
        ended = guest.call("nobody", b"")
        assert isinstance(ended, Trapped)
        assert ended.kind == Kind.NO_EXPORT
        assert numbers([guest.call("next", b"")]) == [1]


def test_growth_is_kept(lane: Lane, framed: Framed) -> None:
    """A live guest may grow, and begins small again."""
    with lane.load(framed(COUNTER, imports=IMPORT)).open() as guest:
        guest.call("grow", b"")
        ended = guest.call("next", b"")
        assert isinstance(ended, Answer)
        assert ended.cost.memory == 2 * 65536
        guest.reset()
        ended = guest.call("next", b"")
        assert isinstance(ended, Answer)
        assert ended.cost.memory == 65536


def test_its_host_may_be_given_once(lane: Lane, framed: Framed) -> None:
    """A call's own host comes before the one that it was opened with."""
    with lane.load(framed(COUNTER, imports=IMPORT)).open(host=lambda *_: b"old") as guest:
        answers = [guest.call("ask", b""), guest.call("ask", b"", host=lambda *_: b"new")]
        assert [isinstance(each, Answer) and each.data for each in answers] == [b"old", b"new"]


def test_two_threads_are_one_too_many(lane: Lane, framed: Framed) -> None:
    """The second one is told so and harms nothing; nor may a host function call its own guest."""
    image = lane.load(framed(COUNTER, imports=IMPORT))
    inside, leave = threading.Event(), threading.Event()
    seen: list[object] = []

    def host(*_: object) -> bytes:
        inside.set()
        leave.wait(10)
        with pytest.raises(Busy):
            guest.call("next", b"")
        return b"!"

    with image.open() as guest:
        thread = threading.Thread(target=lambda: seen.append(guest.call("ask", b"", host=host)))
        thread.start()
        inside.wait(10)
        for use in (lambda: guest.call("next", b""), guest.reset, guest.close):
            with pytest.raises(Busy):
                use()
        leave.set()
        thread.join(10)
        assert [isinstance(each, Answer) for each in seen] == [True]


def test_closed_guests_say_so(lane: Lane, framed: Framed) -> None:
    """Closing twice does no harm."""
    guest = lane.load(framed(COUNTER, imports=IMPORT)).open()
    guest.close()
    guest.close()
    for use in (lambda: guest.call("next", b""), guest.reset):
        with pytest.raises(Closed):
            use()


def test_an_interrupted_call_ends_it(lane: Lane, framed: Framed) -> None:
    """What Ctrl-C left behind is no state to go on with."""

    def host(*_: object) -> bytes:
        raise KeyboardInterrupt

    with lane.load(framed(COUNTER, imports=IMPORT)).open() as guest:
        with pytest.raises(KeyboardInterrupt):
            guest.call("ask", b"", host=host)
        assert getattr(guest.call("next", b""), "kind", "") == Kind.ENDED
