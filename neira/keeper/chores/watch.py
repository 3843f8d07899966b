"""Watch the plugin files and take over what somebody edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.keeper.chore import Chore
from neira.registry.watcher import Hint, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from neira.home import Home
    from neira.keeper.rescan import Findings
    from neira.model import JsonObject
    from neira.ports import Clock

SWEEP = 30.0  # seconds after which the files are looked at whether or not something was heard
POLL = 2.0  # the same, where nothing can be heard, or a plugin waits for something else than its file
FOLDERS = ("scripts", "wasm")


class Watch(Chore):
    """Look when a hint has come and no more follow, and now and then anyway."""

    name = "watch"

    def __init__(
        self,
        home: Home,
        look: Callable[[], Findings],
        clock: Clock,
        *,
        listening: Callable[[Sequence[Path], Hint], Watcher] = Watcher,
    ) -> None:
        self._look_now = look
        self._clock = clock
        self._hint = Hint(clock)
        self._watcher = listening([home.plugins / name for name in FOLDERS], self._hint)
        self._look_at = self._listen_at = clock.monotonic()
        self._waiting = 0

    def open(self, wake: Callable[[], None]) -> None:
        """Listen to the folders."""
        self._hint.wake = wake

    def turn(self) -> float:
        """Look at the files if it is time."""
        now = self._clock.monotonic()
        if self._hint.is_storm:
            self._watcher.stop()  # a look is due anyway; hearing ten thousand times of it only costs
            self._listen_at = now
        if now >= self._next_look():
            self._look(now)
        return max(0.0, self._next_look() - self._clock.monotonic())

    def close(self) -> None:
        """Stop listening."""
        self._watcher.stop()

    def facts(self) -> JsonObject:
        """Tell whether changes are heard of or looked for, and how many files could not be loaded."""
        return {"hears": self._watcher.hears, "waiting": self._waiting}

    def _next_look(self) -> float:
        due = self._hint.due()
        return self._look_at if due is None else min(due, self._look_at)

    def _look(self, now: float) -> None:
        if now >= self._listen_at:  # before looking, so that no change falls between the two
            self._watcher.listen()
            self._listen_at = now + SWEEP
        self._hint.take()
        found = self._look_now()
        self._waiting = len(found.waiting)
        self._look_at = now + (SWEEP if self._watcher.hears and not found.waiting else POLL)
        if found.unsettled:
            self._hint.give()
