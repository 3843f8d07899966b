"""Calls that no event causes: ticks, memory pressure, processes that come and go, switches, tasks.

The keeper makes them, changes make those around a switch. A plugin acts as itself in them, and the admin's
grant stands in for a caller's scope. One that ends well and asks for nothing is only counted; the counts are
journaled once a minute.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neira.clock import uuid7
from neira.errors import NeiraError
from neira.hub import passages
from neira.hub.delivery import Receiver
from neira.hub.invocation import Call
from neira.hub.results import Arrived
from neira.limits import tick_ms
from neira.model import Allowed, ChangeNote, Draft, EventId, Mode, Outcome, PluginState, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.hub.delivery import Delivery
    from neira.hub.generation import Generation
    from neira.hub.invocation import Finished
    from neira.model import Json, JsonObject, PluginId
    from neira.ports import Clock, Entropy
    from neira.registry.snapshot import Plugin
    from neira.settings import ScriptSettings
    from neira.world.safety import Safety

HOOKS = (
    "on_init", "on_tick", "on_memory_pressure", "on_process_launch", "on_process_exit", "on_profile_switch",
    "on_cleanup", "on_task",
)  # fmt: skip
_TELLS = {"on_process_launch": "process:list", "on_process_exit": "process:list"}
KEEPER = "system:keeper"
ROLLED_UP = "event.rolled_up"


@dataclass(slots=True)
class _Counts:
    """Calls that left no record of their own, since the last time they were journaled."""

    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    guard: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Calls the hooks of plugins."""

    delivery: Delivery
    safety: Safety
    clock: Clock
    entropy: Entropy
    limits: ScriptSettings
    counts: _Counts = field(default_factory=_Counts)

    def listeners(self, function: str) -> tuple[PluginId, ...]:
        """Name the enabled plugins that define a hook and may run now."""
        world = self.delivery.stage.live.now()
        return tuple(each.id for each in world.plugins.enabled() if self._passage(each, function))

    def call(
        self, plugin_id: PluginId, function: str, arguments: Sequence[Json], context: JsonObject | None = None
    ) -> Finished | None:
        """Call one hook of one plugin; nothing happens where it has none or is off, or in safe mode."""
        plugin = self.delivery.stage.live.now().plugins.plugins.get(plugin_id)
        if plugin is None or plugin.state is not PluginState.ENABLED or self.safety.now().active:
            return None
        if not self._passage(plugin, function):
            return None
        event, call = self.of(plugin, function, arguments, context or {})
        receiver = Receiver(plugin, passages.Passage(Mode.LIVE))
        tried = self.delivery.try_out(event, receiver, call)
        if tried.finished.outcome is Outcome.OK and not tried.finished.actions:
            with self.counts.guard:
                self.counts.calls[plugin_id, function] += 1
            return tried.finished
        found = self.delivery.deliver(event, [receiver], call, top=receiver.passage, tried=tried)
        return found.dones[0].finished

    def broadcast(self, function: str, arguments: Sequence[Json]) -> None:
        """Call a hook of every plugin that has it; one whose call cannot be journaled stops no other."""
        for plugin in self.listeners(function):
            with suppress(NeiraError):
                self.call(plugin, function, arguments)

    def roll_up(self) -> None:
        """Journal how often hooks were called that left no record of their own."""
        with self.counts.guard:
            calls, self.counts.calls = self.counts.calls, Counter()
        if not calls:
            return
        told: list[Json] = [
            {"plugin": plugin, "function": function, "calls": count}
            for (plugin, function), count in sorted(calls.items())
        ]
        note = ChangeNote(f"{sum(calls.values())} calls of hooks ended well and asked for nothing")
        self.delivery.stage.journal.append(Draft(ROLLED_UP, KEEPER, note, "hooks-rolled-up", {"calls": told}))

    def of(
        self, plugin: Plugin, function: str, arguments: Sequence[Json], context: JsonObject
    ) -> tuple[Arrived, Call]:
        """Say what a hook is called with, and as whom."""
        actor = f"plugin:{plugin.id}"
        event = Arrived(
            id=EventId(uuid7(self.clock.now(), self.entropy)),
            tool_id=plugin.id,
            name=function,
            params={"arguments": list(arguments)},
            context=context,
            actor=actor,
            scope=Scope.ADMIN,
            request="",
            boot=self.delivery.board.boot,
        )
        call = Call(
            function=function,
            arguments=arguments,
            context=context,
            actor=actor,
            scope=Scope.ADMIN,
            timeout_ms=tick_ms(plugin.live.canonical, self.limits),
        )
        return event, call

    def _passage(self, plugin: Plugin, function: str) -> bool:
        """Tell whether a plugin has a hook and its gates let it run."""
        generations = self.delivery.stage.generations
        world = self.delivery.stage.live.now()
        if passages.of_plugin(plugin, world, Mode.LIVE, generations.engines).mode is not Mode.LIVE:
            return False
        try:
            generation = generations.of(plugin, world.gates)
        except NeiraError:
            return False
        return generation.defines(function) and _may_be_told(generation, function)


def _may_be_told(generation: Generation, function: str) -> bool:
    """Tell whether a hook tells a plugin no more than it may read anyway."""
    needed = _TELLS.get(function)
    return needed is None or isinstance(generation.powers.decide(needed, Scope.ADMIN), Allowed)
