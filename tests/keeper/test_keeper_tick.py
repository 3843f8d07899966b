"""Ticks reach the plugins that asked for them, at their rhythm and never in safe mode."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from neira.changes.plugins import Disable, Enable
from neira.changes.register import Register
from neira.clock import SystemClock
from neira.keeper.chores.tick import BURST, MOST_A_SECOND, Tick
from neira.model import PluginId
from neira.parse.document import Document
from tests.conftest import ADMIN
from tests.keeper.parts import ListLog, ToldHooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.kernel import Kernel
    from tests.fakes import SteppedClock

PATIENCE = 20.0
SOURCE = "fn handle(event) { [] }\nfn on_tick(ms) { [] }"


def _register(kernel: Kernel, name: str, tick: Any = None) -> PluginId:
    manifest = {"id": name, "version": "1.0.0", "kind": "script", **({"tick": tick} if tick else {})}
    readings = kernel.manifests.read(Document(manifest, lambda _: None))
    kernel.change(Register(readings, source=SOURCE, enable=True), ADMIN)
    return PluginId(name)


class Ticking:
    """A tick chore over a real kernel's plugins, and what they were told."""

    def __init__(self, kernel: Kernel, clock: SteppedClock, threads: int) -> None:
        self.clock = clock
        self.hooks = ToldHooks()
        self.log = ListLog()
        self.is_braked = False
        self._ended = threading.Semaphore(0)
        self.chore = Tick(
            kernel.world.now,
            self.hooks,
            lambda: self.is_braked,
            threads=threads,
            clock=clock,
            log=self.log,
        )
        self.chore.open(self._ended.release)

    def pass_time(self, seconds: float, *, ends: int = 0) -> float:
        """Move the clock, turn the chore, and wait until that many ticks have ended."""
        self.clock.step(seconds)
        pause = self.chore.turn()
        for _ in range(ends):
            assert self._ended.acquire(timeout=PATIENCE)
        return pause

    def called(self) -> list[tuple[str, int]]:
        """Tell who ticked with which time, since the last question."""
        calls, self.hooks.called = self.hooks.called, []
        return [(str(plugin), ms) for plugin, (ms,) in calls if isinstance(ms, int)]


@pytest.fixture
def ticking(live: Kernel, clock: SteppedClock) -> Iterator[Ticking]:
    """Make the chore."""
    made = Ticking(live, clock, threads=2)
    yield made
    made.chore.close()


def test_a_plugin_ticks_at_its_rhythm_and_is_told_the_real_time(live: Kernel, ticking: Ticking) -> None:
    """Also after a pause in which ticks were missed."""
    one = _register(live, "one", {"every_ms": 500})
    ticking.hooks.defined["on_tick"] = (one,)
    ticking.pass_time(0.0)
    ticking.pass_time(0.499)
    assert ticking.called() == []
    ticking.pass_time(0.001, ends=1)
    ticking.pass_time(2.3, ends=1)
    assert ticking.called() == [("one", 500), ("one", 2300)]


def test_only_plugins_that_ask_and_can_are_told(live: Kernel, ticking: Ticking) -> None:
    """No `tick` in the manifest, or nobody who listens: no call; who comes back begins anew."""
    one, _two, four = (
        _register(live, "one", {"every_ms": 100}),
        _register(live, "two", {"every_ms": 100}),
        _register(live, "four"),
    )
    ticking.hooks.defined["on_tick"] = (one, four)
    ticking.pass_time(0.0)
    ticking.pass_time(0.2, ends=1)
    assert ticking.called() == [("one", 200)]
    live.change(Disable(one), ADMIN)
    ticking.hooks.defined["on_tick"] = (four,)
    ticking.pass_time(1.0)
    live.change(Enable(one), ADMIN)
    ticking.hooks.defined["on_tick"] = (one, four)
    ticking.pass_time(0.0)
    ticking.pass_time(0.1, ends=1)
    assert ticking.called() == [("one", 100)]


def test_nothing_ticks_in_safe_mode(live: Kernel, ticking: Ticking) -> None:
    """And afterwards there is one tick, not all that were missed."""
    one = _register(live, "one", {"every_ms": 100})
    ticking.hooks.defined["on_tick"] = (one,)
    ticking.pass_time(0.0)
    ticking.is_braked = True
    ticking.pass_time(5.0)
    assert ticking.called() == []
    ticking.is_braked = False
    ticking.pass_time(0.0, ends=1)
    ticking.pass_time(0.05)
    assert ticking.called() == [("one", 5000)]


def test_a_slow_plugin_delays_no_other_and_never_runs_twice(live: Kernel, ticking: Ticking) -> None:
    """It holds one thread; the other plugin goes on at its rhythm."""
    slow, fast = _register(live, "slow", {"every_ms": 100}), _register(live, "fast", {"every_ms": 100})
    ticking.hooks.defined["on_tick"] = (slow, fast)
    release = threading.Event()

    def hold(plugin: PluginId) -> None:
        if plugin == slow:
            assert release.wait(PATIENCE)

    ticking.hooks.on_call = hold
    ticking.pass_time(0.0)
    for _ in range(4):
        ticking.pass_time(0.1, ends=1)
    assert sorted(ticking.called()) == [("fast", 100)] * 4 + [("slow", 100)]
    release.set()
    ticking.pass_time(0.0, ends=1)
    ticking.pass_time(0.1, ends=2)
    assert sorted(ticking.called()) == [("fast", 100), ("slow", 400)]


def test_a_tick_that_fails_is_logged_and_comes_later(live: Kernel, ticking: Ticking) -> None:
    """The chore goes on, and the plugin is asked less often while it fails."""
    one = _register(live, "one", {"every_ms": 100})
    ticking.hooks.defined["on_tick"] = (one,)

    def fail(_: PluginId) -> None:
        raise ValueError("odd")

    ticking.hooks.on_call = fail
    ticking.pass_time(0.0)
    ticking.pass_time(0.1, ends=1)
    ticking.pass_time(0.3)
    assert len(ticking.called()) == 1
    assert [event for _, event, _ in ticking.log.lines] == ["tick failed"]
    ticking.hooks.on_call = lambda _: None
    ticking.pass_time(0.2, ends=1)
    assert ticking.called() == [("one", 500)]


def test_a_home_ticks_no_more_than_it_may_and_everybody_in_turn(live: Kernel, clock: SteppedClock) -> None:
    """Sixty plugins that ask for 600 ticks a second get 200, each its share."""
    plugins = [_register(live, f"p{number}", {"every_ms": 100}) for number in range(60)]
    made = Ticking(live, clock, threads=64)
    made.hooks.defined["on_tick"] = tuple(plugins)
    made.pass_time(0.0)
    for _ in range(300):
        made.pass_time(0.01)
    made.chore.close()
    calls = [plugin for plugin, _ in made.called()]
    assert len(calls) <= 3 * MOST_A_SECOND + BURST
    shares = [calls.count(str(plugin)) for plugin in plugins]
    assert min(shares) >= max(shares) // 2 > 0


def test_the_pool_is_the_chores_own(live: Kernel) -> None:
    """Closing it begins nothing any more, also with the real clock."""
    chore = Tick(
        live.world.now,
        ToldHooks(),
        lambda: False,
        threads=1,
        clock=SystemClock(),
        log=ListLog(),
    )
    assert chore.turn() > 0
    chore.close()
