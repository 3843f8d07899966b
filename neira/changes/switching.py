"""Around a switch of what is live: the new code may prepare itself before, the old one cleans up after.

The desk asks before it commits a change and tells when the change is done. A version whose `on_init` does not
end well is not switched live; what it asked for is committed with the change itself, or not at all.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from neira.errors import NeiraError
from neira.errors.code import InitFailed
from neira.hub import passages, results
from neira.hub.passages import Passage
from neira.hub.transaction import Done, written
from neira.hub.values_view import RestoredValues
from neira.journal.record import prepare
from neira.model import NEVER, Mode, Outcome, PluginId, PluginState, Seq
from neira.registry import step, verbs
from neira.registry.step import Step
from neira.state import snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neira.hub.invocation import Finished
    from neira.hub.movement import Movement
    from neira.hub.results import Arrived
    from neira.journal.ticket import Guard
    from neira.model import Draft, JsonObject, Record
    from neira.registry.snapshot import Plugin
    from neira.world.world import World

INIT = "on_init"
CLEANUP = "on_cleanup"


@dataclass(frozen=True, slots=True)
class Trial:
    """A run of `on_init` that ended well and wants something to happen."""

    plugin: Plugin  # as it will be
    event: Arrived
    finished: Finished

    def drafts(self, world: World) -> Sequence[Draft]:
        """Write it down: the run, and the settings that it leaves."""
        passage, who = Passage(Mode.LIVE), self.finished.plugin.id
        came = results.received(self.event, passage, [who], ())
        ended = results.result(self.event, self.finished, passage)
        if self.finished.config is None:
            return came, ended
        found = verbs.configure(self.plugin, self.finished.config)
        assert isinstance(found, Step)  # settings that stay as they are make no config
        draft = step.draft(world.plugins.with_plugin(self.plugin, step.LATER), found)
        return came, ended, replace(draft, actor=self.event.actor)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What ran before a change: what goes into its commit, and what is committed already."""

    trials: Sequence[Trial]
    dones: Sequence[Done]


@dataclass(frozen=True, slots=True)
class Committed:
    """A change that is in the journal, and what ran with it."""

    record: Record
    dones: Sequence[Done]


@dataclass(frozen=True, slots=True)
class Switching:
    """Runs what stands around a switch."""

    movement: Movement

    def before(self, world: World, draft: Draft) -> Prepared:
        """Run `on_init` of everything that a change would bring to life, or refuse the change.

        What is about to be deleted cleans up before: nothing that it stores then may stay behind.
        """
        trials: list[Trial] = []
        dones: list[Done] = []
        for now, then in _switches(world, draft):
            if then is not None and _starts(now, then) and self._may_run(then, world):
                trials += self._init(then, world, self._values(then, draft))
            elif then is None and now is not None:
                dones += self._clean_up(now, then, world)
        return Prepared(trials, dones)

    def commit(self, world: World, draft: Draft, ready: Prepared) -> Committed:
        """Write a change and what its `on_init` asked for: all of it, or nothing."""
        stage, drafts, places, trials = self.movement.stage, [draft], [], ready.trials
        for each in trials:
            places.append(len(drafts) + 1)
            drafts += each.drafts(world)
        guards = [stage.guard(each.finished, at) for each, at in zip(trials, places, strict=True)]
        sealed = stage.journal.commit(*map(prepare, drafts), guard=_all(guards))
        self.movement.catch_up()
        dones = [
            Done(each.finished, drafts[at], sealed[at].tail.seq, sealed[0])
            for each, at in zip(trials, places, strict=True)
        ]
        return Committed(sealed[0].record(), [*ready.dones, *dones])

    def after(self, world: World, done: Committed) -> Sequence[Done]:
        """Run `on_cleanup` of everything that a change has ended; how that goes changes nothing."""
        dones = list(done.dones)
        for now, then in _switches(world, done.record):
            if now is not None and then is not None:
                dones += self._clean_up(now, then, world)
        return dones

    def spread(self, dones: Sequence[Done]) -> None:
        """Bring what ran around a change, and was published, to those who hear it; the change is over."""
        with suppress(NeiraError):
            self.movement.delivery.spread(dones)

    def _values(self, plugin: Plugin, draft: Draft) -> RestoredValues | None:
        """Give the values that a rollback is about to take back."""
        movement = self.movement
        if "restore" not in draft.data:
            return None
        kept = snapshots.get(movement.database.reading(), plugin.id, Seq(cast("int", draft.data["restore"])))
        return RestoredValues(movement.stage.values, kept or {})

    def _init(self, plugin: Plugin, world: World, values: RestoredValues | None) -> Iterator[Trial]:
        movement = self.movement
        generation = movement.generations.foreseen(plugin, world.gates)
        if not generation.defines(INIT):
            return
        event, call = movement.lifecycle.of(plugin, INIT, (), {})
        ran = movement.stage.invocations.run(generation, call, world, values=values)
        finished, _, _ = written(ran, event, Passage(Mode.LIVE))
        if finished.outcome is not Outcome.OK:
            raise InitFailed(plugin.id, plugin.live.version, finished.outcome, finished.error)
        if finished.actions:
            unborn = replace(plugin, seq=NEVER)  # its revision is the number that the change will get
            yield Trial(plugin, event, replace(finished, plugin=unborn))

    def _clean_up(self, now: Plugin, then: Plugin | None, world: World) -> Iterator[Done]:
        if not (_ends(now, then) and self._may_run(now, world)):
            return
        movement = self.movement
        with suppress(NeiraError):
            generation = movement.generations.foreseen(now, world.gates)
            if generation.defines(CLEANUP):
                event, call = movement.lifecycle.of(now, CLEANUP, (), {})
                finished = movement.stage.invocations.run(generation, call, world)
                yield movement.stage.keep(finished, event, Passage(Mode.LIVE))

    def _may_run(self, plugin: Plugin, world: World) -> bool:
        engines = self.movement.generations.engines
        return passages.of_plugin(plugin, world, Mode.LIVE, engines).mode is Mode.LIVE


def _all(guards: Sequence[Guard]) -> Guard | None:
    """Ask several guards as one; none asks nothing."""
    if not guards:
        return None
    return lambda first: all(guard(first) for guard in guards)


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
