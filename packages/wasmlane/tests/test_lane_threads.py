"""Any number of threads may call one image; what goes wrong in one does not show in another."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from wasmlane import Answer, Kind, Lane, Limits, Trapped

if TYPE_CHECKING:
    from collections.abc import Callable

    Framed = Callable[..., str]  # writes a guest around its functions

WORK = """
  (func (export "echo") (param i32 i32) (result i64)
    (memory.fill (i32.const 16) (i32.load8_u (local.get 0)) (i32.const 2000))
    (call $pack (local.get 0) (local.get 1)))
  (func (export "fail") (param i32 i32) (result i64)
    (memory.fill (i32.const 0) (i32.const 255) (i32.const 65536)) (unreachable))
  (func (export "grow") (param i32 i32) (result i64) (drop (memory.grow (i32.const 1))) (i64.const 0))
  (func (export "loop") (param i32 i32) (result i64) (loop $l (br $l)) (i64.const 0))
"""
TURNS = 150


def test_two_trap_and_two_work(lane: Lane, framed: Framed) -> None:
    """Each thread gets its own answers, of every image it calls."""
    image = lane.load(framed(WORK), reserve=32)
    grown = image.advance("grow", b"")
    assert not isinstance(grown, Trapped)

    def work(number: int) -> bool:
        words = [bytes([number]) * (1 + turn % 60) for turn in range(TURNS)]
        images = (image, grown[1])
        ends = [images[turn % 2].call("echo", word) for turn, word in enumerate(words)]
        return all(
            isinstance(end, Answer) and end.data == word for end, word in zip(ends, words, strict=True)
        )

    def fail(_number: int) -> bool:
        kinds = {
            getattr(image.call(name, b"x"), "kind", "answer")
            for _ in range(TURNS)
            for name in ("fail", "grow")
        }
        return kinds == {Kind.UNREACHABLE, "answer"}

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(job, number) for number, job in enumerate((work, fail, work, fail))]
        assert all(each.result(60) for each in done)


def test_each_thread_has_its_own_time(lane: Lane, framed: Framed) -> None:
    """Short and long limits side by side."""
    image = lane.load(framed(WORK))

    def spin(timeout_ms: float) -> float:
        ended = image.call("loop", b"", limits=Limits(fuel=10**15, timeout_ms=timeout_ms))
        assert isinstance(ended, Trapped)
        assert ended.kind == Kind.TIME
        return ended.cost.elapsed_ms - timeout_ms

    with ThreadPoolExecutor(3) as pool:
        assert all(late >= 0 for late in pool.map(spin, [20, 120, 60]))


def test_a_module_is_loaded_by_many_threads_at_once(lane: Lane, framed: Framed) -> None:
    """All get images that work."""
    text = framed(WORK)
    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(lambda number: lane.load(text).call("echo", bytes([number])), range(24)))
    assert [end.data for end in ends if isinstance(end, Answer)] == [bytes([number]) for number in range(24)]


def test_few_guests_wait(framed: Framed) -> None:
    """A burst of threads leaves no more than a handful of instances behind."""
    with Lane() as lane:
        image = lane.load(framed(WORK))
        gate = threading.Barrier(30)

        def call(_number: int) -> None:
            gate.wait(30)
            image.call("echo", b"x")

        with ThreadPoolExecutor(30) as pool:
            list(pool.map(call, range(30)))
        (code,) = lane._codes.values()
        assert code.program is not None
        assert len(code.program._idle) <= code.program._kept
