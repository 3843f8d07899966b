"""The clock behind time limits: a thread that moves an engine's epoch on when a call has lasted too long.

Time is counted in ticks, but the thread does not tick along: a thread that wants the interpreter every few
milliseconds would slow down every call of the others. It sleeps until the first running call is due, and then
makes up for the ticks that it slept through. The hot path takes no lock, but has to look twice: see `Guest`.
"""

from __future__ import annotations

import itertools
import threading
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER = float("inf")
_LONGEST_SLEEP_S = 1.0


class Clock:
    """One for each engine and process; its thread begins with the first call."""

    def __init__(self, tick: Callable[[], object], tick_ms: float) -> None:
        self.time: tuple[float, int] | None = None
        """(when tick 0 was, how many the engine has seen); nothing while that changes, or while it rests."""
        self.due: dict[int, float] = {}
        """The tick at which each guest's call has lasted too long; NEVER between calls."""
        self.until = NEVER
        """The tick at which the thread wakes by itself."""
        self.ticks_per_s = 1000 / tick_ms
        self.numbers = itertools.count()
        self._tick = tick
        self._count = 0
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._started = False
        self._closed = False

    def wake(self) -> tuple[float, int]:
        """Give the time, after starting it again if it rested."""
        with self._lock:
            if self.time is None:
                if not self._started:
                    threading.Thread(target=self._run, name="wasmlane-clock", daemon=True).start()
                    self._started = True
                # Nobody was waiting for the ticks of the rest: they are left out.
                self.time = (perf_counter() - self._count / self.ticks_per_s, self._count)
                self._news.set()
            return self.time

    def hurry(self) -> None:
        """Tell the thread that somebody is due before it wakes."""
        self._news.set()

    def close(self) -> None:
        """Let the thread end, once nobody runs."""
        self._closed = True
        self._news.set()

    def leave_behind(self) -> None:
        """Forget the thread, which a forked child has lost; a call that goes on there may start another."""
        self._lock, self._news = threading.Lock(), threading.Event()
        self._started, self.time = False, None

    def _run(self) -> None:
        while not (self._closed and self._next() == NEVER):
            self._news.clear()
            self.until = self._next()
            if self.until == NEVER:
                self._rest()
            elif self._next() >= self.until:  # who came in meanwhile may have seen the old `until`
                self._news.wait(self._seconds_until(self.until))
                self._advance()

    def _next(self) -> float:
        """Find the first call that is due; one that was due already is stopped or stuck in its host."""
        return min((each for each in list(self.due.values()) if each > self._count), default=NEVER)

    def _seconds_until(self, tick: float) -> float:
        begin = self.time[0] if self.time else perf_counter()
        return min(max(0.0, begin + tick / self.ticks_per_s - perf_counter()), _LONGEST_SLEEP_S)

    def _advance(self) -> None:
        with self._lock:
            if self.time is None:
                return
            begin, self.time = self.time[0], None  # who looks now waits in `wake`
            passed = int((perf_counter() - begin) * self.ticks_per_s)
            for _ in range(passed - self._count):
                self._tick()
            self._count = max(passed, self._count)
            self.time = (begin, self._count)

    def _rest(self) -> None:
        with self._lock:
            self.time = None
        # A call notes when it is due, then looks at `time`; here it is the other way: one sees the other.
        if self._next() == NEVER and not self._closed:
            self._news.wait()
        self.wake()
