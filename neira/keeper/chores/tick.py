"""Tick: tell plugins that asked for it that time has passed, each at its own rhythm."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from neira.keeper.audience import Audience, state_of
from neira.keeper.chore import FIRST_PAUSE, Chore
from neira.keeper.rhythm import Rhythm

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.keeper.needs import Hooks, Log
    from neira.keeper.rhythm import Tick as Due
    from neira.model import JsonObject, PluginId
    from neira.ports import Clock
    from neira.registry.snapshot import Plugin
    from neira.world.world import World

FUNCTION = "on_tick"
LEAST_MS = 100
MOST_A_SECOND = 200  # ticks of all plugins of a home
BURST = 20
LOOK = 0.25  # seconds until a plugin that was enabled or changed is noticed
_SOON = 1 / MOST_A_SECOND
_LONGEST_BACK_OFF = 60.0


class Tick(Chore):
    """Call `on_tick` in a few threads, so that a slow plugin delays no other one."""

    name = "tick"

    def __init__(
        self,
        world: Callable[[], World],
        hooks: Hooks,
        is_braked: Callable[[], bool],
        *,
        threads: int,
        clock: Clock,
        log: Log,
    ) -> None:
        self._world = world
        self._hooks = hooks
        self._audience = Audience(FUNCTION, hooks, lambda: state_of(world()), clock)
        self._is_braked = is_braked
        self._clock = clock
        self._log = log
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="keeper-on-tick")
        self._wake: Callable[[], None] = _nobody
        self._guard = threading.Lock()  # over everything below
        self._rhythm = Rhythm()
        self._running = 0
        self._failures: dict[PluginId, int] = {}
        self._allowance = float(BURST)
        self._counted_at = clock.monotonic()

    def open(self, wake: Callable[[], None]) -> None:
        """Remember how a tick that ends can wake this chore."""
        self._wake = wake

    def turn(self) -> float:
        """Begin the ticks that are due."""
        if self._is_braked():
            return 1.0
        now = self._clock.monotonic()
        self._adopt(now)
        with self._guard:
            most = min(self._threads - self._running, self._allowed(now))
            ticks = self._rhythm.take(now, most)
            self._allowance -= len(ticks)
            self._running += len(ticks)
        for tick in ticks:
            self._pool.submit(self._tick, tick)
        return self._pause(now)

    def close(self) -> None:
        """Begin no further tick; those that run end by their own limits."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def facts(self) -> JsonObject:
        """Tell how many plugins tick."""
        return {"plugins": len(self._rhythm)}

    def _adopt(self, now: float) -> None:
        """Take over who ticks, if a plugin or a gate has changed since the last look."""
        if not self._audience.renew():
            return
        plugins = self._world().plugins.plugins
        able = (plugins[plugin] for plugin in self._audience.listeners() if plugin in plugins)
        wanted = {each.id: every / 1000 for each in able if (every := interval_ms(each)) is not None}
        with self._guard:
            self._rhythm.adopt(wanted, now)
            self._failures = {plugin: n for plugin, n in self._failures.items() if plugin in wanted}

    def _allowed(self, now: float) -> int:
        passed, self._counted_at = now - self._counted_at, now
        self._allowance = min(BURST, self._allowance + passed * MOST_A_SECOND)
        return int(self._allowance)

    def _pause(self, now: float) -> float:
        with self._guard:
            due = self._rhythm.next_due()
            is_full = self._running >= self._threads
        if due is None or is_full:  # a tick that ends wakes us
            return LOOK
        return min(LOOK, max(_SOON, due - now))

    def _tick(self, tick: Due) -> None:
        failures = 0
        try:
            self._hooks.call(tick.plugin, FUNCTION, [tick.ms])
        except Exception as error:  # noqa: BLE001 - a tick that fails is the plugin's matter, not the chore's
            failures = self._failures.get(tick.plugin, 0) + 1
            self._log.warning("tick failed", plugin=tick.plugin, error=f"{type(error).__name__}: {error}")
        pause = min(_LONGEST_BACK_OFF, FIRST_PAUSE * 2.0 ** min(failures, 10)) if failures else 0.0
        with self._guard:
            self._running -= 1
            self._failures[tick.plugin] = failures
            self._rhythm.done(tick.plugin, not_before=self._clock.monotonic() + pause if failures else 0.0)
        self._wake()


def interval_ms(plugin: Plugin) -> int | None:
    """Read from a manifest how often a plugin wants to tick; None: never."""
    tick = plugin.live.canonical.get("tick")
    every = tick.get("every_ms") if isinstance(tick, Mapping) else None
    if not isinstance(every, int) or isinstance(every, bool):
        return None
    return max(LEAST_MS, every)


def _nobody() -> None:
    """Wake nobody: nobody waits yet."""
