"""Which plugins listen to a hook: asked once for each state of plugins and gates, not at every turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.keeper.needs import Hooks
    from neira.model import PluginId
    from neira.ports import Clock
    from neira.world.world import World

ANEW = 30.0  # seconds after which it is asked again anyway: a disk may have failed in between

State: TypeAlias = tuple[int, int]


def state_of(world: World) -> State:
    """Name what a plugin's hooks depend on: the plugins, and the gates they pass."""
    return world.plugins.seq, world.gates.seq


class Audience:
    """The listeners to one hook; for one chore, and so for one thread."""

    def __init__(self, function: str, hooks: Hooks, state: Callable[[], State], clock: Clock) -> None:
        self._function = function
        self._hooks = hooks
        self._state = state
        self._clock = clock
        self._known: tuple[PluginId, ...] = ()
        self._of: State | None = None
        self._until = 0.0

    def renew(self) -> bool:
        """Ask again if something may have changed; tell whether it was asked."""
        state, now = self._state(), self._clock.monotonic()
        if state == self._of and now < self._until:
            return False
        self._known = self._hooks.listeners(self._function)
        self._of, self._until = state, now + ANEW
        return True

    def listeners(self) -> tuple[PluginId, ...]:
        """Name them, as they were when it was asked last."""
        return self._known
