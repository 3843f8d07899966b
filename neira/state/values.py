"""Each plugin's own keys and values, with the record that wrote each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.parse import strict_json

if TYPE_CHECKING:
    import sqlite3

    from neira.model import Json, JsonObject, PluginId, Seq

TABLES = """
CREATE TABLE IF NOT EXISTS stored_values (
    plugin TEXT, key TEXT, value TEXT, seq INTEGER, PRIMARY KEY (plugin, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS value_use (plugin TEXT PRIMARY KEY, keys INTEGER, bytes INTEGER) WITHOUT ROWID;
"""


_DEPTH = 200  # of what was written here; engines let less out


@dataclass(frozen=True, slots=True)
class Use:
    """How much of its quota a plugin has used."""

    keys: int = 0
    bytes: int = 0


def get(db: sqlite3.Connection, plugin: PluginId, key: str) -> Json:
    """Read a value; null if there is none."""
    asked = "SELECT value FROM stored_values WHERE plugin = ? AND key = ?"
    row = db.execute(asked, (plugin, key)).fetchone()
    return None if row is None else strict_json.loads(row[0].encode(), depth=_DEPTH)


def size(db: sqlite3.Connection, plugin: PluginId, key: str) -> int | None:
    """Say how many bytes of the quota a key takes; none if it is not there."""
    asked = "SELECT length(CAST(key AS BLOB)) + length(CAST(value AS BLOB)) FROM stored_values"
    row = db.execute(f"{asked} WHERE plugin = ? AND key = ?", (plugin, key)).fetchone()
    return None if row is None else int(row[0])


def use(db: sqlite3.Connection, plugin: PluginId) -> Use:
    """Say how much a plugin has stored."""
    row = db.execute("SELECT keys, bytes FROM value_use WHERE plugin = ?", (plugin,)).fetchone()
    return Use() if row is None else Use(*row)


def put(db: sqlite3.Connection, plugin: PluginId, key: str, value: Json, seq: Seq) -> None:
    """Store a value."""
    text = strict_json.dumps(value)
    before = size(db, plugin, key)
    db.execute("INSERT OR REPLACE INTO stored_values VALUES (?, ?, ?, ?)", (plugin, key, text, seq))
    _count(db, plugin, 0 if before is not None else 1, len(key.encode()) + len(text.encode()) - (before or 0))


def delete(db: sqlite3.Connection, plugin: PluginId, key: str) -> None:
    """Remove a value."""
    before = size(db, plugin, key)
    if before is not None:
        db.execute("DELETE FROM stored_values WHERE plugin = ? AND key = ?", (plugin, key))
        _count(db, plugin, -1, -before)


def every(db: sqlite3.Connection, plugin: PluginId) -> JsonObject:
    """Read all values of a plugin, by key."""
    asked = "SELECT key, value FROM stored_values WHERE plugin = ? ORDER BY key"
    return {key: strict_json.loads(text.encode(), depth=_DEPTH) for key, text in db.execute(asked, (plugin,))}


def replace_all(db: sqlite3.Connection, plugin: PluginId, values: JsonObject, seq: Seq) -> None:
    """Put other values in the place of all that a plugin has."""
    clear(db, plugin)
    for key, value in values.items():
        put(db, plugin, key, value, seq)


def clear(db: sqlite3.Connection, plugin: PluginId) -> None:
    """Remove all that a plugin has stored."""
    db.execute("DELETE FROM stored_values WHERE plugin = ?", (plugin,))
    db.execute("DELETE FROM value_use WHERE plugin = ?", (plugin,))


def _count(db: sqlite3.Connection, plugin: PluginId, keys: int, size: int) -> None:
    db.execute("INSERT OR IGNORE INTO value_use VALUES (?, 0, 0)", (plugin,))
    db.execute(
        "UPDATE value_use SET keys = keys + ?, bytes = bytes + ? WHERE plugin = ?", (keys, size, plugin)
    )
