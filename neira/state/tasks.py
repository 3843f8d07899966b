"""Tasks that plugins have started: a queue that survives restarts, with a state each.

A task is `queued` until somebody runs it (the plugin's own `on_task`, in the keeper) or settles it by hand,
and ends `done`, `failed` or `cancelled`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from neira.model import TaskState
from neira.parse import strict_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from neira.model import Json, JsonObject, Seq

TABLES = """
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, seq INTEGER, plugin TEXT, name TEXT, params TEXT, context TEXT, actor TEXT,
    state TEXT, created TEXT, changed TEXT, changed_seq INTEGER, note TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tasks_by_state ON tasks (state, seq);
CREATE INDEX IF NOT EXISTS tasks_by_seq ON tasks (seq, id);
"""
_COLUMNS = "id, seq, plugin, name, params, context, actor, state, created, changed, changed_seq, note"


@dataclass(frozen=True, slots=True)
class Task:
    """One task."""

    id: str
    seq: int
    plugin: str
    name: str
    params: JsonObject
    context: JsonObject
    actor: str
    state: TaskState
    created: str
    changed: str
    changed_seq: int
    note: str

    def as_json(self) -> JsonObject:
        """Show it as the API does."""
        shown: dict[str, Json] = {
            "id": self.id,
            "plugin": self.plugin,
            "name": self.name,
            "state": self.state.value,
            "params": self.params,
            "created": self.created,
            "changed": self.changed,
        }
        return {**shown, "note": self.note} if self.note else shown


def add(db: sqlite3.Connection, task: Task) -> None:
    """Queue a task, once."""
    row = (
        task.id, task.seq, task.plugin, task.name, strict_json.dumps(task.params),
        strict_json.dumps(task.context), task.actor, task.state.value, task.created, task.changed,
        task.changed_seq, task.note,
    )  # fmt: skip
    db.execute(f"INSERT OR IGNORE INTO tasks VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - marks


def move(db: sqlite3.Connection, task: str, state: TaskState, *, seq: Seq, at: str, note: str = "") -> None:
    """Bring a task to a state, unless a later record has done so already."""
    db.execute(
        "UPDATE tasks SET state = ?, changed = ?, changed_seq = ?, note = ? WHERE id = ? AND changed_seq < ?"
        " AND state IN ('queued', 'running')",
        (state.value, at, seq, note, task, seq),
    )


def get(db: sqlite3.Connection, task: str) -> Task | None:
    """Find a task."""
    row = db.execute(f"SELECT {_COLUMNS} FROM tasks WHERE id = ?", (task,)).fetchone()  # noqa: S608 - constants
    return None if row is None else _task(row)


def next_queued(db: sqlite3.Connection, *, after: int = 0) -> Task | None:
    """Find the oldest task that waits, behind a record."""
    asked = f"SELECT {_COLUMNS} FROM tasks WHERE state = 'queued' AND seq > ? ORDER BY seq, id LIMIT 1"  # noqa: S608
    row = db.execute(asked, (after,)).fetchone()
    return None if row is None else _task(row)


def newest(
    db: sqlite3.Connection, *, state: TaskState | None, before: tuple[int, str] | None, limit: int
) -> Sequence[Task]:
    """List tasks, newest first, from a place on."""
    seq, task = before or (2**62, "")
    asked = (
        f"SELECT {_COLUMNS} FROM tasks WHERE (seq, id) < (?, ?) AND (?3 IS NULL OR state = ?3)"  # noqa: S608
        " ORDER BY seq DESC, id DESC LIMIT ?4"
    )
    return [_task(row) for row in db.execute(asked, (seq, task, state and state.value, limit))]


def _task(row: Sequence[Any]) -> Task:
    (task, seq, plugin, name, params, context, actor, state, created, changed, changed_seq, note) = row
    given, around = (cast("JsonObject", strict_json.loads(text.encode())) for text in (params, context))
    return Task(
        task, seq, plugin, name, given, around, actor, TaskState(state), created, changed, changed_seq, note
    )
