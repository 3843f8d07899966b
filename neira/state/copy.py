"""Stored values and open tasks as one JSON value: what an archive keeps of the records that it takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from neira.model import PluginId, Seq, TaskState
from neira.state import tasks, values
from neira.state.tasks import Task

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from neira.model import Json, JsonObject

_MOST_TASKS = 100_000


def to_json(db: sqlite3.Connection) -> JsonObject:
    """Write them down."""
    plugins = [plugin for (plugin,) in db.execute("SELECT plugin FROM value_use ORDER BY plugin")]
    kept: dict[str, Json] = {plugin: values.every(db, PluginId(plugin)) for plugin in plugins}
    waiting: list[Json] = [
        {**each.as_json(), "seq": each.seq, "context": each.context, "actor": each.actor}
        for each in tasks.newest(db, state=TaskState.QUEUED, before=None, limit=_MOST_TASKS)
    ]
    return {"values": kept, "tasks": waiting}


def from_json(db: sqlite3.Connection, body: JsonObject, at: Seq) -> None:
    """Put them into an empty database, as if the record of the archive had written them."""
    for plugin, kept in cast("Mapping[str, JsonObject]", body["values"]).items():
        values.replace_all(db, PluginId(plugin), kept, at)
    for each in cast("list[dict[str, Any]]", body["tasks"]):
        named = {key: each[key] for key in ("id", "seq", "plugin", "name", "params", "context", "actor")}
        times = {"created": each["created"], "changed": each["changed"], "changed_seq": each["seq"]}
        tasks.add(db, Task(**named, **times, state=TaskState.QUEUED, note=""))
