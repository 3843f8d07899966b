"""An event brought to its receivers, one transaction each, and then to those who hear what they publish."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from neira.clock import uuid7
from neira.host.actions.publish_event import publication
from neira.hub import passages, results
from neira.hub.applier import effect_of
from neira.hub.invocation import Call
from neira.hub.passages import Passage
from neira.hub.results import Arrived, Chain
from neira.journal.record import prepare
from neira.model import EventId, Mode, PluginId, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from neira.host.effects import Effect
    from neira.hub.running import Board
    from neira.hub.subscriptions import Subscriptions
    from neira.hub.transaction import Done, Stage, Tried
    from neira.journal.record import Prepared, Sealed
    from neira.model import Json, JsonObject
    from neira.ports import Entropy
    from neira.registry.snapshot import Plugin
    from neira.settings import PublishSettings
    from neira.state.publications import Publication

HANDLER = "handle"
_PUBLISH = "publish_event"


@dataclass(frozen=True, slots=True)
class Receiver:
    """A plugin that hears an event, and how far its run may go."""

    plugin: Plugin
    passage: Passage


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of an event."""

    first: Sealed  # the record that says that it came, and what it holds
    data: JsonObject
    views: Sequence[JsonObject]
    dones: Sequence[Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Takes events to plugins."""

    stage: Stage
    board: Board
    heard: Subscriptions
    entropy: Entropy
    limits: PublishSettings

    def deliver(
        self,
        event: Arrived,
        receivers: Sequence[Receiver],
        call: Call,
        *,
        top: Passage,
        tried: Tried | None = None,
    ) -> Delivered:
        """Run every receiver, then whatever their events lead to; return once all of it is on disk.

        What has been `tried` already, of the one receiver there is, is committed without a second run.
        """
        found = self._run_all(event, receivers, call, top, tried)
        self.spread(found.dones)
        return found

    def try_out(self, event: Arrived, receiver: Receiver, call: Call) -> Tried:
        """Run a receiver without committing anything; if the process dies of it, that is known."""
        came = prepare(results.received(event, receiver.passage, [receiver.plugin.id], ()))
        slot = self.board.enter(_text(came), self.stage.journal.known)
        slot.runs(1)
        try:
            return self.stage.attempt(receiver.plugin, receiver.plugin, call)
        finally:
            slot.leave()

    def spread(self, dones: Iterable[Done]) -> None:
        """Bring what committed runs have published to those who hear it."""
        self.follow(_published(dones))

    def follow(self, publications: Iterable[Publication]) -> None:
        """Bring published events to those who hear them, and what these publish, up to a bound."""
        waiting = deque(publications)
        left = self.limits.events
        while waiting:
            publication = waiting.popleft()
            left -= 1
            waiting.extend(_published(self._publish(publication, is_too_many=left < 0)))
            if not waiting:
                self.stage.journal.flush()  # that nobody has heard something is only noted

    def _run_all(
        self,
        event: Arrived,
        receivers: Sequence[Receiver],
        call: Call,
        top: Passage,
        tried: Tried | None = None,
    ) -> Delivered:
        """Run the receivers in turn; if the journal fails in between, the slot stays taken for `recovery`."""
        draft = results.received(event, top, [each.plugin.id for each in receivers], ())
        before = [prepare(draft)]
        slot = self.board.enter(_text(before[0]), self.stage.journal.known)
        dones: list[Done] = []
        try:
            for number, each in enumerate(receivers, 1):
                if each.passage.mode is Mode.DRY_RUN:
                    before.append(prepare(results.not_run(event, each.plugin, each.passage)))
                    continue
                slot.runs(number)
                dones.append(self.stage.transact(each.plugin, each.passage, event, call, before, tried=tried))
                slot.runs(0)
                before = []
            rest = self.stage.journal.commit(*before) if before else ()
        except BaseException:
            if not dones:
                slot.leave()
            raise
        slot.leave()
        first = dones[0].first if dones else rest[0]
        return Delivered(first, draft.data, self._views(receivers, dones), dones)

    @staticmethod
    def _views(receivers: Sequence[Receiver], dones: Sequence[Done]) -> list[JsonObject]:
        ran = iter(dones)
        return [
            results.idle(each.plugin, each.passage) if each.passage.mode is Mode.DRY_RUN else next(ran).view
            for each in receivers
        ]

    def _publish(self, publication: Publication, *, is_too_many: bool) -> Sequence[Done]:
        event = self._event(publication)
        world = self.stage.live.now()
        plugins = self.heard.of(event.name, world.plugins)
        engines = self.stage.generations.engines
        receivers = [
            Receiver(plugin, passages.of_plugin(plugin, world, Mode.LIVE, engines)) for plugin in plugins
        ]
        refusal = self._refusal(event, is_too_many=is_too_many)
        if refusal or not receivers:
            top = Passage(Mode.DRY_RUN, refusal or "nobody_hears_it")
            self.stage.journal.note(results.received(event, top, (), ()))
            return ()
        return self._run_all(event, receivers, call_of(event), Passage(Mode.LIVE)).dones

    def _refusal(self, event: Arrived, *, is_too_many: bool) -> str | None:
        if event.chain.depth > self.limits.depth:
            return "too_deep"
        return "too_many" if is_too_many else None

    def _event(self, publication: Publication) -> Arrived:
        data = publication.data
        return Arrived(
            id=EventId(uuid7(self.stage.clock.now(), self.entropy)),
            tool_id=PluginId(str(data["tool_id"])),
            name=str(data["event"]),
            params=cast("JsonObject", data["params"]),
            context=cast("JsonObject", data["context"]),
            actor=str(data["actor"]),
            scope=Scope(str(data["scope"])),
            request="",
            boot=self.board.boot,
            chain=Chain(
                depth=int(cast("int", data["depth"])),
                origin=str(data["origin"]),
                cause={"seq": publication.seq, "number": publication.number},
            ),
        )


def call_of(event: Arrived) -> Call:
    """Say how a handler is called for an event."""
    return Call(
        function=HANDLER,
        arguments=(event.as_argument(),),
        context=event.context,
        actor=event.actor,
        scope=event.scope,
    )


def _published(dones: Iterable[Done]) -> Iterable[Publication]:
    """Find the events that committed runs have published."""
    for done in dones:
        if done.draft.data["mode"] == Mode.LIVE:
            for number, asked in enumerate(done.finished.actions):
                if asked.action.name == _PUBLISH:
                    yield publication(_effect(done, number))


def _effect(done: Done, number: int) -> Effect:
    line: dict[str, Json] = {
        "seq": done.seq, "ts": "", "actor": done.draft.actor, "data": done.draft.data,
    }  # fmt: skip
    payload = cast("dict[str, Json]", done.draft.payload)
    return effect_of(line, payload, number, done.finished.actions[number].params)


def _text(came: Prepared) -> bytes:
    """Write a record down so that `recovery` can journal it: what was prepared, as one JSON object."""
    return (
        f'{{"slug":"{came.slug}",{came.head},"data":{{"_":0{came.data}}},"payload":{came.payload}}}'.encode()
    )
