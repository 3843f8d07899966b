"""A chore, and the thread that turns it: once, then again after the pause that the chore itself names.

A chore that fails is logged and tried again, later each time; no other chore notices.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from neira.errors import NeiraError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from neira.keeper.needs import Log
    from neira.model import JsonObject
    from neira.ports import Clock

FIRST_PAUSE = 0.2  # seconds after a failure; twice as long after each further one
LONGEST_PAUSE = 30.0
_LONGEST_MESSAGE = 300  # characters of an error that the status shows


class Chore(ABC):
    """One thing that the keeper does all the time."""

    name: ClassVar[str]

    def open(self, wake: Callable[[], None]) -> None:  # noqa: B027 - most chores need nothing
        """Get ready; `wake` ends a pause early, from any thread."""

    @abstractmethod
    def turn(self) -> float:
        """Do what there is to do, and say how many seconds there will be nothing."""

    def close(self) -> None:  # noqa: B027 - most chores hold nothing
        """Let go of what `open` took; no turn comes after it."""

    def facts(self) -> JsonObject:
        """Tell what is special about this chore, for the status."""
        return {}


class Loop:
    """One chore in a thread of its own."""

    def __init__(self, chore: Chore, clock: Clock, log: Log) -> None:
        self._chore = chore
        self._clock = clock
        self._log = log
        self._stopped = False
        self._awake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"keeper-{chore.name}", daemon=True)
        self._runs = 0
        self._failures = 0  # in a row
        self._last_run: datetime | None = None
        self._last_error: JsonObject | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """End the pause."""
        self._awake.set()

    def stop(self) -> None:
        """Take no further turn; `join` waits for the one that runs."""
        self._stopped = True
        self.wake()

    def join(self, seconds: float) -> bool:
        """Wait for the thread; False if it does not end in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def status(self) -> JsonObject:
        """Tell how the chore is doing."""
        return {
            "name": self._chore.name,
            "runs": self._runs,
            "last_run": _text(self._last_run),
            "failing": self._failures > 0,
            "last_error": self._last_error,
            **self._chore.facts(),
        }

    def _run(self) -> None:
        is_open = False
        while not self._stopped:
            if is_open:
                pause = self._guarded(self._chore.turn)
            else:
                pause = self._guarded(self._open)
                is_open = self._failures == 0
            self._awake.wait(pause)
            self._awake.clear()
        self._guarded(self._close)

    def _open(self) -> float:
        self._chore.open(self.wake)
        return 0.0

    def _close(self) -> float:
        self._chore.close()
        return 0.0

    def _guarded(self, step: Callable[[], float]) -> float:
        """Take one step and count it, however it ends."""
        try:
            pause = step()
        except Exception as error:  # noqa: BLE001 - whatever a chore meets, the keeper goes on
            return self._failed(error)
        self._runs += 1
        self._failures = 0
        self._last_run = self._clock.now()
        return pause

    def _failed(self, error: Exception) -> float:
        self._failures += 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10))
        if isinstance(error, NeiraError):
            code, message = error.code, error.sentence
            self._log.warning("chore failed", chore=self._chore.name, code=code, message=message, pause=pause)
        else:
            code, message = "internal", f"{type(error).__name__}: {error}"
            trace = error if self._failures == 1 else None  # the same trace again says nothing new
            self._log.error("chore failed", chore=self._chore.name, error=message, exc_info=trace)
        self._last_error = {
            "code": code,
            "message": message[:_LONGEST_MESSAGE],
            "at": _text(self._clock.now()),
        }
        return pause


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")
