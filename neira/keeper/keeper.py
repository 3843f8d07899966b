"""The keeper: a kernel, its chores, and a door; `keep` is the life of one."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING

from neira.errors.keeper import BadKeeperRequest, KeeperHeld
from neira.keeper import hold, table
from neira.keeper.chore import Loop
from neira.keeper.door import Door
from neira.keeper.rescan import Rescan
from neira.kernel import Kernel
from neira.settings import load
from neira.telemetry import Telemetry

if TYPE_CHECKING:
    from neira.home import Home
    from neira.keeper.needs import Hooks, Log
    from neira.model import Json, JsonObject
    from neira.ports import Clock
    from neira.settings import Settings

STOPPING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
STANDBY = 0.1  # seconds between two tries to take a lock that another keeper holds
_PATIENCE = 0.7  # seconds for the turns that run to end; the supervisor waits 1.5 for all of it


class Keeper:
    """What runs in the keeper's process."""

    def __init__(self, kernel: Kernel, log: Log) -> None:
        self.kernel = kernel
        self.hooks: Hooks = kernel.movement.lifecycle
        self.since = kernel.clock.now()
        self.rescan = Rescan(kernel, log)
        self.loops = tuple(Loop(each, kernel.clock, log) for each in table.chores(kernel, self.rescan, log))
        self._door = Door(kernel.home, self.answer, kernel.clock, log)

    def start(self) -> None:
        """Begin all chores and open the door."""
        for loop in self.loops:
            loop.start()
        self._door.open()

    def stop(self) -> None:
        """Close the door and end all chores; one that does not end in time is left behind."""
        self._door.close()
        for loop in self.loops:
            loop.stop()
        until = self.kernel.clock.monotonic() + _PATIENCE
        for loop in self.loops:
            loop.join(max(0.0, until - self.kernel.clock.monotonic()))

    def answer(self, asked: Json) -> JsonObject:
        """Answer one request that came through the door."""
        words = tuple(table.REQUESTS)
        word = asked.get("do") if isinstance(asked, Mapping) else None
        if not isinstance(asked, Mapping) or not isinstance(word, str) or word not in table.REQUESTS:
            raise BadKeeperRequest(f"{word!r} is no word that it knows", words)
        request = table.REQUESTS[word]
        if surplus := sorted(asked.keys() - request.keys - {"do"}):
            raise BadKeeperRequest(f"{surplus[0]!r} does not belong to {word}", words)
        return request.answer(self, asked)


def keep(home: Home, clock: Clock, *, waits: bool) -> None:
    """Be the keeper of a home until a signal says stop; `waits`: as soon as nobody else is.

    The signals are blocked and asked for, never handled: a handler could run in the middle of anything.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    home.check()
    settings = load(home.root)
    log = Telemetry(settings.log, clock).log
    is_asked_to_end = False

    def wait() -> bool:
        nonlocal is_asked_to_end
        is_asked_to_end = signal.sigtimedwait(STOPPING, STANDBY) is not None
        return not is_asked_to_end

    try:
        with hold.held(home, wait if waits else None):
            _live(home, settings, clock, log)
    except KeeperHeld:
        if not is_asked_to_end:
            raise


def _live(home: Home, settings: Settings, clock: Clock, log: Log) -> None:
    with Kernel.open(home.root, settings, clock=clock) as kernel:
        keeper = Keeper(kernel, log)
        keeper.start()
        log.info("keeper started")
        signal.sigwait(STOPPING)
        keeper.stop()
        log.info("keeper ended")
