"""One receiver's run as one transaction: run, checked once more under the journal's lock, committed, applied.

The record of the result is the commit: it holds the actions in full. What the run had read, and the powers
it used, are asked again when nothing can come between; if they have changed, it runs once more and gives up.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from neira.errors import NeiraError
from neira.errors.change import Overtaken
from neira.errors.input import BadJson
from neira.errors.journal import NotText
from neira.gates.passage import passage as gate_passage
from neira.hub import results
from neira.hub.invocation import Finished
from neira.journal.record import prepare
from neira.model import Allowed, Mode, Outcome, PluginState, RunError
from neira.parse import strict_json
from neira.parse.placed import DEPTH
from neira.registry import step, verbs
from neira.registry.step import Step
from neira.shared import Word
from neira.state import strikes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.host.action import Asked
    from neira.hub.applier import Applier
    from neira.hub.generation import Generations
    from neira.hub.invocation import Call, Invocations
    from neira.hub.passages import Passage
    from neira.hub.results import Arrived
    from neira.hub.values_view import ValuesView
    from neira.journal.journal import Journal
    from neira.journal.record import Prepared, Sealed
    from neira.journal.ticket import Guard
    from neira.model import Draft, JsonObject, PluginId, Seq
    from neira.ports import Clock
    from neira.registry.snapshot import Plugin
    from neira.shared import SharedWords
    from neira.state.database import Database
    from neira.world.live import LiveWorld
    from neira.world.world import World

_TRIES = 2
_PAUSES = 20  # milliseconds
_LITTLE_FUEL = 20_000_000  # 3 to 7 ms of work


@dataclass(frozen=True, slots=True)
class Moment:
    """What was true when a run began."""

    world: World
    brake: int


@dataclass(frozen=True, slots=True)
class Tried:
    """A run that is over and not committed."""

    moment: Moment
    finished: Finished


@dataclass(frozen=True, slots=True)
class Done:
    """A transaction that is in the journal."""

    finished: Finished
    draft: Draft
    seq: Seq
    first: Sealed  # the first record of its commit

    @property
    def view(self) -> JsonObject:
        """Show the result as the answer does."""
        return results.view(self.draft.data, self.draft.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all transactions of a process work with."""

    live: LiveWorld
    journal: Journal
    generations: Generations
    invocations: Invocations
    applier: Applier
    values: ValuesView
    database: Database
    words: SharedWords
    clock: Clock
    late: Callable[[Exception], None]
    on_struck: Callable[[PluginId], None]

    def transact(
        self,
        plugin: Plugin,
        passage: Passage,
        event: Arrived,
        call: Call,
        before: Sequence[Prepared],
        *,
        tried: Tried | None = None,
    ) -> Done:
        """Run a receiver and commit what it came to, with the records that must stand before it."""
        found: Plugin | None = plugin
        for _ in range(_TRIES):
            attempt, tried = tried or self.attempt(found, plugin, call), None
            finished, moment = attempt.finished, attempt.moment
            try:
                return self._commit(finished, passage, event, before, moment)
            except Overtaken:
                self.clock.sleep(_pause(event.id))
                found = self.live.now().plugins.plugins.get(plugin.id)
        error = RunError("conflict", "other runs kept changing what this one had read; send the event again")
        lost = replace(finished, outcome=Outcome.ERROR, error=error, actions=(), config=None, result=None)
        return self._commit(lost, passage, event, before, moment)

    def attempt(self, plugin: Plugin | None, asked: Plugin, call: Call) -> Tried:
        """Run one function, and remember what was true when it began."""
        moment = Moment(self.live.now(), self.words[Word.SAFE_MODE])
        return Tried(moment, self.run(plugin, asked, call, moment.world))

    def run(self, plugin: Plugin | None, asked: Plugin, call: Call, world: World) -> Finished:
        """Run one function; nothing that a plugin is or does raises."""
        if plugin is None or plugin.state is not PluginState.ENABLED:
            return _denied(asked, "plugin_gone", "it is not enabled any more")
        if (left := self._backed_off(plugin, call.actor)) > 0:
            return _denied(plugin, "backoff", f"after a limit violation its next run is in {left:.0f} s")
        try:
            generation = self.generations.of(plugin, world.gates)
        except NeiraError as error:
            said = RunError(error.code, error.sentence)
            return Finished(plugin=plugin, engine="", outcome=Outcome.ERROR, error=said)
        finished = self.invocations.run(generation, call, world)
        if _was_starved(finished):
            finished = self.invocations.run(generation, call, world)
        return finished

    def _commit(
        self, finished: Finished, passage: Passage, event: Arrived, before: Sequence[Prepared], moment: Moment
    ) -> Done:
        finished, draft, ready = written(finished, event, passage)
        records = [*before, ready]
        is_live = passage.mode is Mode.LIVE
        if is_live and finished.config is not None:
            records.append(prepare(_configured(finished, event, moment.world)))
        guard = _Guard(self, finished, moment, len(before)) if is_live and finished.actions else None
        sealed = self.journal.commit(*records, guard=guard)
        if is_live and finished.config is not None:
            self.live.publish()
        if (is_live and finished.actions) or finished.outcome is Outcome.LIMIT or self.words[Word.STRIKES]:
            self._apply(sealed[-1].tail.seq)
        if finished.outcome is Outcome.LIMIT:
            self._strike(finished.plugin.id)
        return Done(finished, draft, sealed[len(before)].tail.seq, sealed[0])

    def keep(self, finished: Finished, event: Arrived, passage: Passage) -> Done:
        """Commit a run that nobody waits for, whatever the world has come to meanwhile."""
        came = prepare(results.received(event, passage, [finished.plugin.id], ()))
        finished, draft, ready = written(finished, event, passage)
        sealed = self.journal.commit(came, ready)
        if finished.actions:
            self._apply(sealed[-1].tail.seq)
        return Done(finished, draft, sealed[-1].tail.seq, sealed[0])

    def guard(self, finished: Finished, place: int) -> Guard:
        """Say what has to hold for a run whose result stands at a place among the records of a commit."""
        return _Guard(self, finished, Moment(self.live.now(), self.words[Word.SAFE_MODE]), place)

    def _strike(self, plugin: PluginId) -> None:
        """Tell of a plugin that has struck its limits too often."""
        if strikes.row_of(self.database.reading(), plugin).is_out(plugin):
            self.on_struck(plugin)

    def _apply(self, seq: Seq) -> None:
        """Bring the stores up to a commit; what the disk does not take now is finished later."""
        try:
            self.applier.upto(seq)
        except (NeiraError, OSError) as error:
            self.late(error)

    def _backed_off(self, plugin: Plugin, actor: str) -> float:
        if not self.words[Word.STRIKES]:
            return 0.0
        until = strikes.until(self.database.reading(), plugin.id, actor)
        return until - self.clock.now().timestamp()


class _Guard:
    """What is asked under the journal's lock, when nothing can come between."""

    __slots__ = ("_finished", "_moment", "_place", "_slots", "_stage")

    def __init__(self, stage: Stage, finished: Finished, moment: Moment, place: int) -> None:
        self._stage = stage
        self._finished = finished
        self._moment = moment
        self._place = place  # of the result among the records of the commit
        keys = (asked.action.writes(asked.params) for asked in finished.actions)
        self._slots = [stage.values.slot(finished.plugin.id, key) for key in keys if key is not None]

    def __call__(self, first: Seq) -> bool:
        """Tell whether the commit may go ahead, and mark what it writes."""
        words = self._stage.words
        if not self._is_still_allowed():
            return False
        if any(words[slot] != token for slot, token in self._finished.seen.items()):
            return False
        for slot in self._slots:
            words[slot] = first + self._place
        return True

    def _is_still_allowed(self) -> bool:
        stage, then = self._stage, self._moment
        if stage.words[Word.SAFE_MODE] != then.brake:
            return False
        if stage.words[Word.WORLD_SEQ] <= then.world.seq:
            return True
        try:
            return self._is_allowed_in(stage.live.now())
        except (NeiraError, OSError):
            return False

    def _is_allowed_in(self, world: World) -> bool:
        """Hold the run against a world that has moved on since it began."""
        finished, was = self._finished, self._finished.plugin
        now = world.plugins.plugins.get(was.id)
        if now is None or now.state is not PluginState.ENABLED:
            return False
        rests_on_values = bool(finished.seen or self._slots or finished.config is not None)
        if now is not was and rests_on_values:
            return False
        return all(self._may(asked, now, world) for asked in finished.actions)

    def _may(self, asked: Asked, plugin: Plugin, world: World) -> bool:
        gate = asked.action.gate
        if gate is not None and gate_passage(world.gates.state(gate)) is not Mode.LIVE:
            return False
        needed = asked.action.needs(asked.params)
        if needed is None:
            return True
        powers = self._stage.generations.powers(plugin)
        return isinstance(powers.decide(needed, self._finished.scope), Allowed)


def _was_starved(finished: Finished) -> bool:
    """Tell a run that did next to nothing in its time from one that worked: the machine is too busy."""
    error = finished.error
    return error is not None and error.limit == "timeout_ms" and finished.cost.fuel < _LITTLE_FUEL


def _pause(event: str) -> float:
    """Say how long a run waits before its second try: each event another time, or all would meet again."""
    return zlib.crc32(event.encode()) % _PAUSES / 1000


def written(finished: Finished, event: Arrived, passage: Passage) -> tuple[Finished, Draft, Prepared]:
    """Write a result down; one that has no JSON form (Rhai has bytes, and numbers that are none) is bad.

    So is one nested deeper than anybody would read it again, from a context file or the queue of tasks.
    """
    draft = results.result(event, finished, passage)
    try:
        prepared = prepare(draft)
        strict_json.check_depth((prepared.payload or "").encode(), DEPTH)
    except (NotText, BadJson):
        bad = _unspeakable(finished)
        draft = results.result(event, bad, passage)
        return bad, draft, prepare(draft)
    return finished, draft, prepared


def _unspeakable(finished: Finished) -> Finished:
    said = RunError(
        "bad_output",
        "what it answered has no JSON form: a number that is none, bytes, a range, half a character, "
        f"or more than {DEPTH} levels",
    )
    bad = replace(finished, outcome=Outcome.BAD_OUTPUT, error=said, actions=(), config=None)
    return replace(bad, result=None, answers=(), logs=())


def _denied(plugin: Plugin, code: str, message: str) -> Finished:
    return Finished(plugin=plugin, engine="", outcome=Outcome.DENIED, error=RunError(code, message))


def _configured(finished: Finished, event: Arrived, world: World) -> Draft:
    """Say that a plugin has changed its own settings: a change of the plugin like any other."""
    found = verbs.configure(finished.plugin, finished.config or {})
    assert isinstance(found, Step)  # a configuration that equals the former one is left out before
    draft = step.draft(world.plugins, found)
    data = {**draft.data, "event_id": event.id}
    return replace(draft, actor=event.actor, data=data)
