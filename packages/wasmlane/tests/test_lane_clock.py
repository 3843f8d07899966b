"""The clock: it ticks for who is due, sleeps otherwise, and forgets nobody."""

from __future__ import annotations

import threading
from time import perf_counter

from wasmlane import Kind, Lane, Limits, Trapped
from wasmlane.clock import NEVER, Clock

LOOP = """(module (memory (export "memory") 1)
  (func (export "loop") (param i32 i32) (result i64) (loop $l (br $l)) (i64.const 0))
  (func (export "short") (param i32 i32) (result i64) (i64.const 0)))"""


class Engine:
    """Counts ticks, and lets a test wait for one."""

    def __init__(self) -> None:
        self.epoch = 0
        self.came = threading.Condition()

    def tick(self) -> None:
        """Move on."""
        with self.came:
            self.epoch += 1
            self.came.notify_all()

    def reaches(self, epoch: int) -> bool:
        """Wait for an epoch."""
        with self.came:
            return self.came.wait_for(lambda: self.epoch >= epoch, 10)


def begin(clock: Clock, number: int, ticks: int) -> tuple[int, int]:
    """Begin a call as a guest does, and say at which tick it is due, and how many that is from now."""
    while True:
        seen = clock.time or clock.wake()
        due = int((perf_counter() - seen[0]) * clock.ticks_per_s) + ticks
        clock.due[number] = due
        if clock.time is seen:
            break
    if due < clock.until:
        clock.hurry()
    return due, due - seen[1]


def test_the_engine_ticks_as_often_as_a_call_needs() -> None:
    """The ticks that were slept through come when the call is due."""
    engine = Engine()
    clock = Clock(engine.tick, 1)
    _, left = begin(clock, 0, 30)
    assert engine.reaches(left)
    clock.due[0] = NEVER
    clock.close()


def test_an_earlier_call_wakes_the_clock() -> None:
    """Whoever has the shorter limit does not wait for the longer one."""
    engine = Engine()
    clock = Clock(engine.tick, 1)
    begin(clock, 0, 1_000_000)
    _, left = begin(clock, 1, 10)
    assert engine.reaches(left)
    assert clock.time is not None
    clock.due.clear()
    clock.close()


def test_the_clock_rests_when_nobody_runs_and_makes_up_for_nothing() -> None:
    """A rest has no ticks, and the next call has all of its own."""
    engine = Engine()
    clock = Clock(engine.tick, 1)
    for number in range(3):
        before = engine.epoch
        _, left = begin(clock, number, 20)
        assert left <= 22
        assert engine.reaches(before + left)
        clock.due[number] = NEVER
        clock.hurry()
        deadline = perf_counter() + 10
        while clock.time is not None and perf_counter() < deadline:
            threading.Event().wait(0.001)
        assert clock.time is None
        threading.Event().wait(0.05)
    clock.close()


def test_a_call_that_is_overdue_keeps_nobody_awake() -> None:
    """A guest that is stuck in its host does not make the clock spin."""
    engine = Engine()
    clock = Clock(engine.tick, 1)
    _, left = begin(clock, 0, 5)
    assert engine.reaches(left)
    deadline = perf_counter() + 10
    while clock.time is not None and perf_counter() < deadline:
        threading.Event().wait(0.001)
    assert clock.time is None
    clock.close()


def test_short_calls_do_not_wake_the_clock() -> None:
    """Many calls in a row cost it next to nothing; the endless one among them is stopped."""
    with Lane() as lane:
        image = lane.load(LOOP, limits=Limits(fuel=10**15, timeout_ms=60))
        for _ in range(20_000):
            image.call("short", b"")
        ends = [image.call("loop", b""), image.call("loop", b"", limits=Limits(fuel=10**15, timeout_ms=15))]
        assert [end.kind for end in ends if isinstance(end, Trapped)] == [Kind.TIME, Kind.TIME]
        assert [ends[0].cost.elapsed_ms >= 60, ends[1].cost.elapsed_ms >= 15] == [True, True]
