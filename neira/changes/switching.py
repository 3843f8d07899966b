"""Around a switch of what is live: the new code may prepare itself before, the old one cleans up after.

The desk asks before it commits a change and tells when the change is done. A version whose `on_init` does not
end well is not switched live; what it asked for is committed with the change itself, or not at all.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from neira.errors import NeiraError
from neira.errors.code import InitFailed
from neira.hub import passages, results
from neira.hub.passages import Passage
from neira.journal.record import prepare
from neira.model import Mode, Outcome, PluginId, PluginState
from neira.registry import step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neira.hub.invocation import Call, Finished
    from neira.hub.movement import Movement
    from neira.hub.results import Arrived
    from neira.model import Draft, JsonObject, Record
    from neira.registry.snapshot import Plugin
    from neira.world.world import World

INIT = "on_init"
CLEANUP = "on_cleanup"


@dataclass(frozen=True, slots=True)
class Trial:
    """A run of `on_init` that ended well and asks for something."""

    event: Arrived
    call: Call
    finished: Finished


@dataclass(frozen=True, slots=True)
class Switching:
    """Runs what stands around a switch."""

    movement: Movement

    def before(self, world: World, draft: Draft) -> Sequence[Trial]:
        """Run `on_init` of everything that a change would bring to life, or refuse the change."""
        trials: list[Trial] = []
        for now, then in _switches(world, draft):
            if then is not None and _starts(now, then) and self._may_run(then, world):
                trials += self._init(then, world)
        return trials

    def commit(self, draft: Draft, trials: Sequence[Trial]) -> Record:
        """Write a change and what its `on_init` asked for: all of it, or nothing."""
        records = [prepare(draft)]
        guards = []
        for each in trials:
            passage = Passage(Mode.LIVE)
            records += [
                prepare(results.received(each.event, passage, [each.finished.plugin.id], ())),
                prepare(results.result(each.event, each.finished, passage)),
            ]
            guards.append(self.movement.stage.guard(each.finished, len(records) - 1))
        journal = self.movement.stage.journal
        sealed = journal.commit(
            *records, guard=(lambda first: all(each(first) for each in guards)) if guards else None
        )
        self.movement.catch_up()
        return sealed[0].record()

    def after(self, world: World, record: Record) -> None:
        """Run `on_cleanup` of everything that a change has ended; how that goes changes nothing."""
        for now, then in _switches(world, record):
            if now is not None and _ends(now, then) and self._may_run(now, world):
                with suppress(NeiraError):
                    self._cleanup(now, world)

    def _init(self, plugin: Plugin, world: World) -> Iterator[Trial]:
        movement = self.movement
        generation = movement.generations.foreseen(plugin, world.gates)
        if not generation.defines(INIT):
            return
        event, call = movement.lifecycle.of(plugin, INIT, (), {})
        finished = movement.stage.invocations.run(generation, call, world)
        if finished.outcome is not Outcome.OK:
            raise InitFailed(plugin.id, plugin.live.version, finished.outcome, finished.error)
        if finished.actions:
            yield Trial(event, call, finished)

    def _cleanup(self, plugin: Plugin, world: World) -> None:
        movement = self.movement
        generation = movement.generations.foreseen(plugin, world.gates)
        if generation.defines(CLEANUP):
            event, call = movement.lifecycle.of(plugin, CLEANUP, (), {})
            finished = movement.stage.invocations.run(generation, call, world)
            movement.stage.keep(finished, event, Passage(Mode.LIVE))

    def _may_run(self, plugin: Plugin, world: World) -> bool:
        engines = self.movement.generations.engines
        return passages.of_plugin(plugin, world, Mode.LIVE, engines).mode is Mode.LIVE


def _switches(world: World, draft: Draft | Record) -> Iterator[tuple[Plugin | None, Plugin | None]]:
    """Say for each plugin of a change what it was and what it will be."""
    data = draft.data
    several = cast("Sequence[JsonObject]", data.get("plugins") or ([data] if "plugin" in data else []))
    for each in several:
        now = world.plugins.plugins.get(PluginId(str(each["plugin"])))
        yield now, step.expected(world.plugins, each) if "facts" in each else None


def _starts(now: Plugin | None, then: Plugin) -> bool:
    is_on = then.state is PluginState.ENABLED
    return is_on and (now is None or now.state is not PluginState.ENABLED or now.live.seq != then.live.seq)


def _ends(now: Plugin, then: Plugin | None) -> bool:
    was_on = now.state is PluginState.ENABLED
    return was_on and (then is None or then.state is not PluginState.ENABLED or then.live.seq != now.live.seq)
