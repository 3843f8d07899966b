"""Metrics that plugins report: the newest samples of each name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from neira.model import PluginId

TABLES = """
CREATE TABLE IF NOT EXISTS samples (
    plugin TEXT, name TEXT, seq INTEGER, number INTEGER, ts REAL, value REAL,
    PRIMARY KEY (plugin, name, seq, number)
) WITHOUT ROWID;
"""
KEPT = 10_000  # samples of one name


def add(
    db: sqlite3.Connection, plugin: PluginId, name: str, value: float, *, at: tuple[int, int], ts: float
) -> None:
    """Keep a sample; now and then the oldest beyond a bound go."""
    db.execute("INSERT OR IGNORE INTO samples VALUES (?, ?, ?, ?, ?, ?)", (plugin, name, *at, ts, value))
    if at[0] % 100 == 0:
        db.execute(
            "DELETE FROM samples WHERE plugin = ?1 AND name = ?2 AND seq <="
            " (SELECT seq FROM samples WHERE plugin = ?1 AND name = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)",
            (plugin, name, KEPT),
        )


def newest(db: sqlite3.Connection, plugin: PluginId, name: str, limit: int) -> Sequence[tuple[float, float]]:
    """List the newest samples of a name, as time and value."""
    asked = (
        "SELECT ts, value FROM samples WHERE plugin = ? AND name = ? ORDER BY seq DESC, number DESC LIMIT ?"
    )
    return db.execute(asked, (plugin, name, limit)).fetchall()


def clear(db: sqlite3.Connection, plugin: PluginId) -> None:
    """Forget the samples of a plugin that is gone."""
    db.execute("DELETE FROM samples WHERE plugin = ?", (plugin,))
