"""Events: from a checked form to an answer that is in the journal.

In this stage nothing executes: every event ends as a dry run that names what it would take to run it. The
record is on disk before the answer leaves.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.clock import uuid7
from neira.errors.change import ToolGone
from neira.hub import passages, router
from neira.hub.passages import Passage
from neira.model import ChangeNote, Draft, Mode, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.idempotency.index import IdempotencyIndex, Use
    from neira.idempotency.running import RunningKeys
    from neira.journal.journal import Journal
    from neira.model import Caller, Json, JsonObject, Record, Seq
    from neira.parse.event import EventForm
    from neira.ports import Clock, Entropy
    from neira.registry.snapshot import Plugin
    from neira.world.live import LiveWorld
    from neira.world.world import World

RECEIVED = "event.received"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the event door says."""

    body: JsonObject


@dataclass(frozen=True, slots=True)
class Course:
    """How far an event goes, and what becomes of it at each receiver."""

    passage: Passage
    results: tuple[JsonObject, ...]


class Hub:
    """Takes events to their answers."""

    def __init__(
        self,
        live: LiveWorld,
        journal: Journal,
        *,
        keys: IdempotencyIndex,
        running: RunningKeys,
        clock: Clock,
        entropy: Entropy,
        etag: Callable[[World, Caller], str],
    ) -> None:
        self._live = live
        self._journal = journal
        self._keys = keys
        self._running = running
        self._clock = clock
        self._entropy = entropy
        self._etag = etag

    def handle(self, form: EventForm, caller: Caller, *, request_id: str, use: Use | None = None) -> Answer:
        """Take a parsed event to its answer."""
        with self._running.only(use) if use else nullcontext():
            if use and (seq := self._earlier(use)):
                return Answer(_body(self._journal.get(seq)))
            course = self._course(form, caller, self._live.now())
            (record,) = self._journal.append(self._draft(form, caller, course, request_id, use))
            return Answer(_body(record))

    def _earlier(self, use: Use) -> Seq | None:
        """Find the record that answered this request, also one that a process which died has left behind."""
        self._journal.flush()
        return self._keys.find(use, self._clock.now())

    def _course(self, form: EventForm, caller: Caller, world: World) -> Course:
        tool, door = router.tool_of(form, world.plugins), passages.of_door(world)
        if tool is None:
            if door is None:
                raise ToolGone(form.tool_id, self._etag(world, caller))
            return Course(Passage(Mode.DRY_RUN, passages.UNKNOWN_TOOL, door.capability), ())
        router.check(form, tool)
        heard = router.receivers(form, tool, world.plugins)
        return Course(passages.of_plugin(tool, world), tuple(_result(plugin, world) for plugin in heard))

    def _draft(
        self, form: EventForm, caller: Caller, course: Course, request_id: str, use: Use | None
    ) -> Draft:
        data: dict[str, Json] = {
            "event_id": uuid7(self._clock.now(), self._entropy),
            "tool_id": form.tool_id,
            "event": form.event,
            "request": request_id,
            "scope": caller.scope,
            **course.passage.as_json(),
            "receivers": [],
            "results": list(course.results),
        }
        if use:
            data["idempotency"] = use.as_data()
        note = ChangeNote(f"event {form.event} for {form.tool_id}: {course.passage.mode}")
        payload = {"params": form.params, "context": form.context}
        return Draft(RECEIVED, caller.actor, note, f"event-{form.tool_id}", data, payload=payload)


def _result(plugin: Plugin, world: World) -> JsonObject:
    return {
        "plugin": plugin.id,
        "version": str(plugin.live.version),
        "revision": plugin.seq,
        **passages.of_plugin(plugin, world).as_json(),
        "outcome": Outcome.NOT_RUN,
        "actions": [],
    }


def _body(record: Record) -> JsonObject:
    """Make the answer of its record alone, so that a repeated request gets the same one."""
    shown = ("event_id", "mode", "reason", "capability", "results")
    facts = {key: record.data[key] for key in shown if key in record.data}
    return {"request_id": record.data["request"], **facts, "journal_id": record.id}
