"""One checked step of one plugin, on its way to the journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from neira.model import ChangeNote, Draft, Seq
from neira.registry.facts import apply
from neira.registry.fold import IMPORTED
from neira.registry.view import after_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neira.model import JsonObject, PluginId
    from neira.registry.snapshot import Plugin, Snapshot

LATER = Seq(2**62)  # stands for the number of a record that is not written yet
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """What a verb wants true of a plugin, in the words of `facts`."""

    kind: str
    plugin: PluginId
    what: str
    facts: Mapping[str, Any]
    impact: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    restore: Seq | None = None  # the revision whose stored values come back


@dataclass(frozen=True, slots=True)
class Same:
    """A verb that is true already."""

    plugin: Plugin
    why: str


@dataclass(frozen=True, slots=True)
class Deletion:
    """The end of a plugin."""

    plugin: Plugin
    facts: Mapping[str, Any] = field(default_factory=dict)


def draft(now: Snapshot, step: Step) -> Draft:
    """Write a step down, with the view of the plugin after it, from which the answer is made."""
    note = ChangeNote(step.what, verify=f"neira plugins show {step.plugin}", impact=step.impact)
    links = (f"plugin:{step.plugin}",)
    return Draft(step.kind, "", note, _slug(step), written(now, step), links)


def foreseen(now: Snapshot, step: Step) -> Snapshot:
    """Say what the registry would be after a step."""
    data: JsonObject = {"plugin": step.plugin, "facts": step.facts}
    return now.with_plugin(expected(now, data), LATER)


def expected(now: Snapshot, data: JsonObject) -> Plugin:
    """Say what a plugin would be after one part of a record."""
    return apply(now, data, LATER, _EPOCH, "")


def import_draft(now: Snapshot, steps: Sequence[Step]) -> Draft:
    """Write several steps down as one record: all of them, or none."""
    names = ", ".join(step.plugin for step in steps)
    note = ChangeNote(f"registered together: {names}", verify="neira plugins list")
    return Draft(IMPORTED, "", note, "plugins-imported", {"plugins": [written(now, step) for step in steps]})


def deletion_draft(gone: Deletion) -> Draft:
    """Write the end of a plugin down."""
    plugin = gone.plugin
    what = f"{plugin.id} was deleted; its versions keep their digests for ever"
    note = ChangeNote(what, verify="neira plugins list")
    data: JsonObject = {"plugin": plugin.id, "after": {"id": plugin.id, "deleted": True}}
    return Draft("plugin.deleted", "", note, f"{plugin.id}-deleted", data, (f"plugin:{plugin.id}",))


def written(now: Snapshot, step: Step) -> JsonObject:
    """Say what a record holds of a step: its facts, and the view of the plugin after it."""
    data: dict[str, Any] = {"plugin": step.plugin, "facts": dict(step.facts)}
    before, then = now.plugins.get(step.plugin), expected(now, data)
    if before is not None and before.live.seq != then.live.seq:
        data["left"] = before.live.seq  # the revision whose stored values are kept for a rollback
    if step.restore is not None:
        data["restore"] = step.restore
    after = dict(after_view(then))
    if step.notes:
        after["notes"] = list(step.notes)
    return {**data, "after": after}


def _slug(step: Step) -> str:
    return f"{step.plugin}-{step.kind.partition('.')[2]}"
