"""The records of an event, and the answers made of them: a repeated request gets the same one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from neira.hub.applier import RECEIVED, RESULT
from neira.model import ChangeNote, Draft, Mode, NoPayload, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neira.hub.invocation import Finished
    from neira.hub.passages import Passage
    from neira.idempotency.index import Use
    from neira.model import EventId, Json, JsonObject, PluginId, Record, Scope
    from neira.registry.snapshot import Plugin

_ORDER = (Mode.DRY_RUN, Mode.PREVIEW, Mode.LIVE)
_SHOWN = ("plugin", "version", "revision", "mode", "reason", "capability", "outcome")
_PUBLISH = "publish_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Where an event stands among those that plugins publish; a request begins a chain of its own."""

    depth: int = 0
    origin: str = ""
    cause: JsonObject | None = None  # seq and number of the action that published it


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One event on its way through the hub, with all that its records say of it."""

    id: EventId
    tool_id: PluginId
    name: str
    params: JsonObject
    context: JsonObject
    actor: str
    scope: Scope
    request: str
    boot: str
    chain: Chain = field(default_factory=Chain)
    use: Use | None = None
    kept_params: JsonObject | None = None  # as the journal may hold them, where some are secret
    marks: JsonObject = field(
        default_factory=dict
    )  # what gates on trial, or on their way out, have answers say

    def as_argument(self) -> JsonObject:
        """Show it to a handler."""
        return {
            "id": self.id,
            "tool_id": self.tool_id,
            "event": self.name,
            "params": self.params,
            "context": self.context,
        }


def received(
    event: Arrived, passage: Passage, receivers: Sequence[str], results: Sequence[JsonObject]
) -> Draft:
    """Say that an event has come, and who will run on it; those that will not have their results here."""
    data: dict[str, Json] = {
        "event_id": event.id,
        "tool_id": event.tool_id,
        "event": event.name,
        "request": event.request,
        "scope": event.scope,
        **passage.as_json(),
        "receivers": list(receivers),
        "results": list(results),
    }
    data |= event.marks
    if receivers:
        data["boot"] = event.boot
    if event.chain.cause is not None:
        data |= {"cause": event.chain.cause, "depth": event.chain.depth, "origin": event.chain.origin}
    if event.use:
        data["idempotency"] = event.use.as_data()
    note = ChangeNote(f"event {event.name} for {event.tool_id}: {passage.mode}")
    params = event.params if event.kept_params is None else event.kept_params
    payload = {"params": params, "context": event.context}
    return Draft(RECEIVED, event.actor, note, f"event-{event.tool_id}", data, payload=payload)


def idle(plugin: Plugin, passage: Passage) -> JsonObject:
    """Show the result of a receiver that does not run."""
    return {
        "plugin": plugin.id,
        "version": plugin.live.version,
        "revision": plugin.seq,
        **passage.as_json(),
        "outcome": Outcome.NOT_RUN,
        "actions": [],
    }


def not_run(event: Arrived, plugin: Plugin, passage: Passage) -> Draft:
    """Say that a receiver did not run while others did."""
    shown = idle(plugin, passage)
    data: dict[str, Json] = {"event_id": event.id, **{key: shown[key] for key in _SHOWN if key in shown}}
    note = ChangeNote(f"{plugin.id} on {event.name}: not run")
    return Draft(RESULT, event.actor, note, f"result-{plugin.id}", {**data, "effects": 0})


def result(event: Arrived, finished: Finished, passage: Passage) -> Draft:
    """Say what a run came to: with its actions in full, for this record is their commit."""
    plugin = finished.plugin
    data: dict[str, Json] = {
        "event_id": event.id,
        "plugin": plugin.id,
        "kind": plugin.manifest.kind,
        "version": plugin.live.version,
        "digest": plugin.live.digest,
        "revision": plugin.seq,
        **passage.as_json(),
        "outcome": finished.outcome,
        "effects": len(finished.actions),
        "cost": finished.cost.as_json(),
        "engine": finished.engine,
    }
    if gates := sorted({asked.action.gate for asked in finished.actions if asked.action.gate}):
        data["gates"] = gates
    if any(asked.action.name == _PUBLISH for asked in finished.actions):
        origin = event.chain.origin or event.id
        data["chain"] = {
            "depth": event.chain.depth + 1, "origin": origin, "scope": event.scope, "boot": event.boot,
        }  # fmt: skip
    note = ChangeNote(f"{plugin.id} on {event.name}: {finished.outcome}")
    return Draft(RESULT, event.actor, note, f"result-{plugin.id}", data, payload=_payload(event, finished))


def _payload(event: Arrived, finished: Finished) -> Json:
    payload: dict[str, Json] = {
        "context": event.context,
        "actions": [asked.as_json() for asked in finished.actions],
        "result": finished.result,
    }
    if finished.error is not None:
        payload["error"] = finished.error.as_json()
    if finished.answers:
        payload["answers"] = list(finished.answers)
    if finished.logs:
        payload["logs"] = list(finished.logs)
    return payload


def view(data: JsonObject, payload: Json | NoPayload) -> JsonObject:
    """Show one result as the answer does, from its record or its draft."""
    told = cast("Mapping[str, Json]", payload) if isinstance(payload, dict) else {}
    shown: dict[str, Json] = {key: data[key] for key in _SHOWN if key in data}
    shown["actions"] = told.get("actions", [])
    if "cost" in data:
        shown |= {"result": told.get("result"), "cost": data["cost"]}
    if "error" in told:
        shown["error"] = told["error"]
    return shown


def body(data: JsonObject, results: Sequence[JsonObject], journal_id: str) -> JsonObject:
    """Make the answer of what the records say."""
    modes = [Mode(str(each["mode"])) for each in results]
    mode = max(modes, key=_ORDER.index) if modes else data["mode"]
    shown: dict[str, Json] = {
        "request_id": data["request"], "event_id": data["event_id"], "mode": mode,
    }  # fmt: skip
    shown |= {
        key: data[key] for key in ("reason", "capability", "capability_state", "warning") if key in data
    }
    return {**shown, "results": list(results), "journal_id": journal_id}


def body_of(record: Record, results: Sequence[Record]) -> JsonObject:
    """Make the answer anew, of the records alone."""
    if not record.data["receivers"]:
        return body(record.data, cast("Sequence[JsonObject]", record.data["results"]), record.id)
    by_plugin = {str(each.data["plugin"]): view(each.data, each.payload) for each in results}
    heard = [str(each) for each in cast("Sequence[Json]", record.data["receivers"])]
    return body(record.data, [by_plugin[each] for each in heard if each in by_plugin], record.id)
