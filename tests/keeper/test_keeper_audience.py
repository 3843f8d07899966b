"""Who listens to a hook."""

from __future__ import annotations

from neira.keeper.audience import ANEW, Audience
from neira.model import PluginId
from tests.fakes import SteppedClock
from tests.keeper.parts import ToldHooks

ONE, TWO = PluginId("one"), PluginId("two")


def test_it_is_asked_once_for_each_state_and_now_and_then_anyway() -> None:
    """A plugin or a gate that changes, or half a minute: nothing else makes it ask."""
    clock, hooks, state = SteppedClock(), ToldHooks(on_tick=[ONE]), [(1, 1)]
    audience = Audience("on_tick", hooks, lambda: state[0], clock)
    assert audience.listeners() == ()
    assert audience.renew()
    assert audience.listeners() == (ONE,)
    hooks.defined["on_tick"] = (ONE, TWO)
    assert not audience.renew()
    state[0] = (1, 2)
    assert audience.renew()
    assert audience.listeners() == (ONE, TWO)
    hooks.defined.clear()
    assert not audience.renew()
    clock.step(ANEW)
    assert audience.renew()
    assert audience.listeners() == ()
