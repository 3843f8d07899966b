"""A chore is turned, survives what it meets, and is not alone in that."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from neira.clock import SystemClock
from neira.errors.disk import DiskFull
from neira.keeper.chore import FIRST_PAUSE, Chore, Loop
from tests.keeper.parts import ListLog

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 20.0


class Scripted(Chore):
    """A chore whose turns end as the test says."""

    name = "scripted"

    def __init__(self, *ends: float | Exception) -> None:
        self.ends = list(ends)
        self.turns = 0
        self.is_closed = False
        self.done = threading.Event()
        self.wake: Callable[[], None] | None = None

    def open(self, wake: Callable[[], None]) -> None:
        """Keep the way to be woken."""
        self.wake = wake

    def turn(self) -> float:
        """End as it was written down, and then rest for long."""
        self.turns += 1
        if not self.ends:
            self.done.set()
            return 3600.0
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end

    def close(self) -> None:
        """Note it."""
        self.is_closed = True


def _ended(loop: Loop) -> bool:
    loop.stop()
    return loop.join(PATIENCE)


def test_a_chore_that_fails_is_turned_again_and_says_what_it_met() -> None:
    """One failure of ours and one of the disk: both are told, the chore goes on, and is well again after."""
    log = ListLog()
    chore = Scripted(ValueError("odd"), DiskFull("x"), 0.0)
    loop = Loop(chore, SystemClock(), log)
    loop.start()
    assert chore.done.wait(PATIENCE)
    assert _ended(loop)
    status = loop.status()
    assert (status["failing"], status["name"]) == (False, "scripted")
    error = status["last_error"]
    assert isinstance(error, dict)
    assert error["code"] == "disk_full"
    assert [level for level, _, _ in log.lines] == ["error", "warning"]
    assert chore.is_closed


def test_a_failing_chore_waits_longer_each_time() -> None:
    """Its pauses double; it does not fill the log."""
    log = ListLog()
    chore = Scripted(*(DiskFull("x") for _ in range(3)))
    loop = Loop(chore, SystemClock(), log)
    loop.start()
    assert chore.done.wait(PATIENCE)
    assert _ended(loop)
    assert [facts["pause"] for _, _, facts in log.lines] == [FIRST_PAUSE * n for n in (1, 2, 4)]


def test_a_chore_can_be_woken_and_stopped_in_a_long_pause() -> None:
    """A pause of an hour ends at once when somebody wakes it or the keeper ends."""
    chore = Scripted(3600.0, 3600.0)
    loop = Loop(chore, SystemClock(), ListLog())
    loop.start()
    while not chore.done.is_set():
        if chore.wake:
            chore.wake()
    assert _ended(loop)
    assert chore.is_closed


def test_one_failing_chore_does_not_stop_another() -> None:
    """Each has its own thread and its own back-off."""
    bad = Loop(Scripted(*(ValueError("odd") for _ in range(50))), SystemClock(), ListLog())
    good = Scripted(0.0, 0.0)
    loop = Loop(good, SystemClock(), ListLog())
    bad.start()
    loop.start()
    assert good.done.wait(PATIENCE)
    assert bad.status()["failing"]
    assert _ended(loop)
    assert _ended(bad)
