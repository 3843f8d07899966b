"""What lies in a home after a play: every store, told as plain values without what changes with each run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from neira.hub.applier import RECEIVED, RESULT
from neira.model import NEVER
from neira.parse import strict_json
from neira.state import publications, tasks, values
from neira.storage.context_places import HOST_KEYS

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from neira.kernel import Kernel
    from neira.model import PluginId, Record

HERE = "c1/s1."  # where the events of cases belong
_OFTEN = ".ndjson"


def left(kernel: Kernel, plugin: PluginId) -> dict[str, Any]:
    """Tell what a play has left; a store that has nothing is not named."""
    db = kernel.movement.database.reading()
    told: dict[str, Any] = {
        **_items(kernel.home.context),
        **_values(db, plugin),
        "tasks": [_task(each) for each in reversed(tasks.newest(db, state=None, before=None, limit=1000))],
        "notices": [
            {"title": title, "message": message}
            for title, message in db.execute("SELECT title, message FROM notices ORDER BY seq, number")
        ],
        "metrics": [
            {name: value}
            for name, value in db.execute("SELECT name, value FROM samples ORDER BY seq, number")
        ],
        "config": dict(kernel.world.now().plugins.get(plugin).config),
        "printed": _printed(kernel),
    }
    return {name: held for name, held in told.items() if held}


def waiting(kernel: Kernel) -> list[str]:
    """Name the published events that nobody has taken up."""
    db = kernel.movement.database.reading()
    left = (each for boot in publications.boots(db) for each in publications.of_boot(db, boot))
    return [str(each.data["event"]) for each in left]


def line(record: Record) -> str:
    """Tell a record in a few words."""
    if record.kind == RECEIVED:
        return f"received {record.data['mode']}"
    if record.kind == RESULT:
        return f"result {record.data['outcome']}"
    return record.kind


def items(path: Path) -> list[dict[str, Any]]:
    """Read a file of the context store."""
    return [cast("dict[str, Any]", strict_json.loads(raw)) for raw in path.read_bytes().splitlines()]


def _items(context: Path) -> dict[str, Any]:
    """Tell the lines of each file; of the usual session by their type, of others by the file's name."""
    told: dict[str, Any] = {}
    for path in sorted(context.rglob(f"*{_OFTEN}")):
        name = str(path.relative_to(context)).removesuffix(_OFTEN).removeprefix(HERE)
        ids = [each["id"] for each in items(path)]
        assert len(ids) == len(set(ids)), f"{name} holds an item twice"
        told[name] = [{key: each[key] for key in each.keys() - set(HOST_KEYS)} for each in items(path)]
    return told


def _values(db: sqlite3.Connection, plugin: PluginId) -> dict[str, Any]:
    owners = [owner for (owner,) in db.execute("SELECT DISTINCT plugin FROM stored_values ORDER BY plugin")]
    return {
        "values" if owner == plugin else f"values of {owner}": dict(values.every(db, owner))
        for owner in owners
    }


def _task(task: tasks.Task) -> dict[str, Any]:
    return {"name": task.name, "params": dict(task.params), "state": task.state.value}


def _printed(kernel: Kernel) -> list[str]:
    found: list[str] = []
    for record in kernel.journal.after(NEVER, kinds=(RESULT,)):
        found += cast("dict[str, Any]", record.payload).get("logs", [])
    return found
