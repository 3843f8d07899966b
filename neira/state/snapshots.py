"""What a plugin had stored when a version of it stopped being live: a rollback may take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from neira.parse import strict_json
from neira.state import values

if TYPE_CHECKING:
    import sqlite3

    from neira.model import JsonObject, PluginId, Seq

TABLES = """
CREATE TABLE IF NOT EXISTS value_snapshots (
    plugin TEXT, revision INTEGER, taken INTEGER, data TEXT, PRIMARY KEY (plugin, revision)
) WITHOUT ROWID;
"""
_DEPTH = 200
KEPT = 20  # a plugin; older ones go first


def take(db: sqlite3.Connection, plugin: PluginId, revision: Seq, at: Seq) -> None:
    """Keep what a plugin has stored, as the state that its revision left."""
    text = strict_json.dumps(values.every(db, plugin))
    db.execute("INSERT OR REPLACE INTO value_snapshots VALUES (?, ?, ?, ?)", (plugin, revision, at, text))
    db.execute(
        "DELETE FROM value_snapshots WHERE plugin = ?1 AND revision NOT IN"
        " (SELECT revision FROM value_snapshots WHERE plugin = ?1 ORDER BY taken DESC LIMIT ?2)",
        (plugin, KEPT),
    )


def get(db: sqlite3.Connection, plugin: PluginId, revision: Seq) -> JsonObject | None:
    """Read what a revision left, if it is still kept."""
    asked = "SELECT data FROM value_snapshots WHERE plugin = ? AND revision = ?"
    row = db.execute(asked, (plugin, revision)).fetchone()
    return None if row is None else cast("JsonObject", strict_json.loads(row[0].encode(), depth=_DEPTH))


def clear(db: sqlite3.Connection, plugin: PluginId) -> None:
    """Forget all of a plugin that is gone."""
    db.execute("DELETE FROM value_snapshots WHERE plugin = ?", (plugin,))
