"""What a record changes for the standing of plugins: strikes, snapshots of stored values, tasks, notices.

The applier calls it for each record once, in the order of the journal.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from neira.model import Outcome, PluginId, Seq, TaskState
from neira.state import metrics, notices, snapshots, strikes, tasks, values
from neira.state.notices import Notice

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

KINDS = ("plugin.", "task.", "safe_mode.")
DELETED = "plugin.deleted"
TASK_MOVED = "task.moved"
_PARDONS = frozenset({"plugin.enabled", "plugin.updated", "plugin.reloaded", "plugin.rolled_back"})


def result(db: sqlite3.Connection, found: Mapping[str, Any]) -> None:
    """Count a violation, or what ends a row of them."""
    data = found["data"]
    plugin, outcome = PluginId(data["plugin"]), data["outcome"]
    if outcome == Outcome.LIMIT:
        strikes.violated(db, plugin, found["actor"], seq=found["seq"], at=_seconds(found))
    elif outcome == Outcome.OK:
        strikes.went_well(db, plugin, found["actor"])


def change(db: sqlite3.Connection, found: Mapping[str, Any]) -> None:
    """Follow a change of plugins or of a task."""
    data = found["data"]
    if found["kind"] == TASK_MOVED:
        note = data.get("note", "")
        tasks.move(db, data["task"], TaskState(data["state"]), seq=found["seq"], at=found["ts"], note=note)
    for each in data.get("plugins") or ([data] if "plugin" in data else []):
        _plugin(db, found, each)
    if "notice" in data:
        said = data["notice"]
        about = data.get("plugin")
        notices.add(db, Notice(found["seq"], 0, found["ts"], about, said["title"], said["message"]))


def anything(db: sqlite3.Connection) -> int:
    """Tell whether anything stands against anybody, as a word of shared memory."""
    return int(strikes.any_at_all(db))


def _plugin(db: sqlite3.Connection, found: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    plugin, seq = PluginId(data["plugin"]), Seq(found["seq"])
    if found["kind"] == DELETED:
        for room in (values, snapshots, metrics):
            room.clear(db, plugin)
    if found["kind"] in _PARDONS or found["kind"] == DELETED:
        strikes.pardon(db, plugin)
    left = data.get("left")  # the revision that stopped being live
    if left is not None:
        snapshots.take(db, plugin, Seq(left), seq)
    if "restore" in data:
        values.replace_all(db, plugin, snapshots.get(db, plugin, Seq(data["restore"])) or {}, seq)


def _seconds(found: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(found["ts"]).timestamp()
