"""The clock behind time limits: a thread that moves an engine's epoch on while calls run."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Waking the thread costs a call more than everything else: it stays awake over short pauses.
_LINGER = 100


class Clock:
    """Ticks while somebody runs, and a little longer; sleeps otherwise. One for each engine and process.

    A call says `running.append(None)`, then `wake()` if not `awake`, and `running.pop()` at its end.
    These are atomic, so the hot path takes no lock.
    """

    def __init__(self, tick: Callable[[], object], interval_s: float) -> None:
        self.running: list[None] = []
        self.awake = False
        self._tick = tick
        self._interval_s = interval_s
        self._closed = False
        self._work = threading.Event()
        self._lock = threading.Lock()
        self._started = False

    def wake(self) -> None:
        """Tick from now on."""
        with self._lock:
            if not self._started:
                threading.Thread(target=self._run, name="wasmlane-clock", daemon=True).start()
                self._started = True
        self.awake = True
        self._work.set()

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Tick in a `with` block, where a microsecond does not count."""
        self.running.append(None)
        try:
            self.wake()
            yield
        finally:
            self.running.pop()

    def close(self) -> None:
        """Let the thread end."""
        self._closed = True
        self._work.set()

    def _run(self) -> None:
        quiet = 0
        while not self._closed:
            sleep(self._interval_s)
            self._tick()
            quiet = 0 if self.running else quiet + 1
            if quiet > _LINGER:
                self._rest()
                quiet = 0

    def _rest(self) -> None:
        self._work.clear()
        self.awake = False
        # A call notes itself and then looks at `awake`; here it is the other way round: one sees the other.
        if self.running or self._closed:
            self.awake = True
        else:
            self._work.wait()
