"""Events from the user interface: from a checked form to an answer that is in the journal."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.clock import uuid7
from neira.errors.change import IdempotencyRunning, ToolGone
from neira.gates.views import marks
from neira.hub import passages, results, router
from neira.hub.applier import RESULT
from neira.hub.delivery import Receiver, call_of
from neira.hub.passages import Passage
from neira.hub.results import Arrived
from neira.journal.record import prepare
from neira.model import EventId, Mode
from neira.parse.secrets import hidden
from neira.world.guards import DOOR, gate_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.gates.board import Board
    from neira.hub.delivery import Delivery
    from neira.idempotency.index import IdempotencyIndex, Use
    from neira.idempotency.running import RunningKeys
    from neira.journal.journal import Journal
    from neira.model import Caller, GateName, JsonObject, Record, Seq
    from neira.parse.event import EventForm
    from neira.ports import Clock, Entropy
    from neira.registry.snapshot import Plugin
    from neira.world.live import LiveWorld
    from neira.world.world import World


@dataclass(frozen=True, slots=True)
class Answer:
    """What the event door says."""

    body: JsonObject


class Hub:
    """Takes events to their answers."""

    def __init__(
        self,
        live: LiveWorld,
        journal: Journal,
        delivery: Delivery,
        *,
        keys: IdempotencyIndex,
        running: RunningKeys,
        clock: Clock,
        entropy: Entropy,
        etag: Callable[[World, Caller], str],
        seal: Callable[[str], str],
    ) -> None:
        self._live = live
        self._journal = journal
        self._delivery = delivery
        self._keys = keys
        self._running = running
        self._clock = clock
        self._entropy = entropy
        self._etag = etag
        self._seal = seal
        self._known_marks: dict[tuple[GateName, ...], tuple[Board, JsonObject]] = {}

    def handle(
        self,
        form: EventForm,
        caller: Caller,
        *,
        request_id: str,
        use: Use | None = None,
        asked: Mode = Mode.LIVE,
    ) -> Answer:
        """Take a parsed event to its answer."""
        with self._running.only(use) if use else nullcontext():
            if use and (seq := self._earlier(use)):
                return Answer(self._again(seq))
            world = self._live.now()
            event = self._arrived(form, caller, request_id, use, world)
            top, receivers = self._course(form, caller, asked, world)
            if all(each.passage.mode is Mode.DRY_RUN for each in receivers):
                return self._idle(event, top, receivers)
            found = self._delivery.deliver(event, receivers, call_of(event), top=top)
            return Answer(results.body(found.data, found.views, found.first.id))

    def _idle(self, event: Arrived, top: Passage, receivers: Sequence[Receiver]) -> Answer:
        """Take an event on which nobody runs: one record says all of it."""
        shown = [results.idle(each.plugin, each.passage) for each in receivers]
        draft = results.received(event, top, (), shown)
        (sealed,) = self._journal.commit(prepare(draft))
        return Answer(results.body(draft.data, shown, sealed.id))

    def _earlier(self, use: Use) -> Seq | None:
        """Find the record that answered this request, also one that a process which died has left behind."""
        self._journal.flush()
        return self._keys.find(use, self._clock.now())

    def _again(self, seq: Seq) -> JsonObject:
        record = self._journal.get(seq)
        wanted = record.data["receivers"]
        assert isinstance(wanted, list)
        return results.body_of(record, self._results(record, len(wanted)))

    def _results(self, came: Record, count: int) -> Sequence[Record]:
        found: list[Record] = []
        if count:
            for record in self._journal.after(came.seq, kinds=(RESULT,)):
                if record.data["event_id"] == came.data["event_id"]:
                    found.append(record)
                if len(found) == count:
                    break
        if len(found) < count:  # its process has died, and nobody has found that out yet
            raise IdempotencyRunning
        return found

    def _course(
        self, form: EventForm, caller: Caller, asked: Mode, world: World
    ) -> tuple[Passage, Sequence[Receiver]]:
        tool, door = router.tool_of(form, world.plugins), passages.of_door(world)
        if tool is None:
            if door is None:
                raise ToolGone(form.tool_id, self._etag(world, caller))
            return Passage(Mode.DRY_RUN, passages.UNKNOWN_TOOL, door.capability), ()
        router.check(form, tool)
        engines = self._delivery.stage.generations.engines
        plugins = router.receivers(form, tool, self._delivery.heard, world.plugins)
        receivers = [
            Receiver(plugin, passages.of_plugin(plugin, world, asked, engines)) for plugin in plugins
        ]
        return receivers[0].passage, receivers

    def _arrived(
        self, form: EventForm, caller: Caller, request_id: str, use: Use | None, world: World
    ) -> Arrived:
        tool = router.tool_of(form, world.plugins)
        gates = (DOOR, gate_of(tool.manifest.kind)) if tool else (DOOR,)
        return Arrived(
            id=EventId(uuid7(self._clock.now(), self._entropy)),
            tool_id=form.tool_id,
            name=form.event,
            params=form.params,
            context=form.context,
            actor=caller.actor,
            scope=caller.scope,
            request=request_id,
            boot=self._delivery.board.boot,
            use=use,
            kept_params=self._without_secrets(form, tool),
            marks=self._marks(world.gates, gates),
        )

    def _marks(self, board: Board, gates: tuple[GateName, ...]) -> JsonObject:
        """Say what these gates have answers carry; asked anew when a gate has moved."""
        known = self._known_marks.get(gates)
        if known is None or known[0] is not board:
            known = self._known_marks[gates] = (board, marks(board, *gates))
        return known[1]

    def _without_secrets(self, form: EventForm, tool: Plugin | None) -> JsonObject | None:
        """Give the params as the journal may hold them, if that is not as they are."""
        schema = tool.manifest.ui_events.get(form.event) if tool else None
        if schema is None or not schema.secrets:
            return None
        return hidden(form.params, schema.secrets, self._seal)
