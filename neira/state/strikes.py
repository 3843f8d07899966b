"""Limit violations, counted from the results in the journal: who is backed off, and which plugin has to stop.

A pair is a plugin and the actor that caused its run. An `ok` of the pair ends its backing off, any `ok` of
the plugin ends its row of violations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from neira.model import PluginId

TABLES = """
CREATE TABLE IF NOT EXISTS strikes (
    plugin TEXT, seq INTEGER, actor TEXT, PRIMARY KEY (plugin, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS backed_off (
    plugin TEXT, actor TEXT, times INTEGER, until REAL, PRIMARY KEY (plugin, actor)
) WITHOUT ROWID;
"""
PAUSES = (1.0, 10.0, 60.0)  # seconds after the first, second, third and every later violation
IN_A_ROW = 3
ACTORS = 2  # that have to be among them, unless the plugin itself caused them


@dataclass(frozen=True, slots=True)
class Row:
    """The violations of a plugin since its last good run."""

    count: int
    actors: frozenset[str]

    def is_out(self, plugin: PluginId) -> bool:
        """Tell whether the plugin has to stop; one caller alone cannot bring that about."""
        return self.count >= IN_A_ROW and (len(self.actors) >= ACTORS or self.actors == {f"plugin:{plugin}"})


def violated(db: sqlite3.Connection, plugin: PluginId, actor: str, *, seq: int, at: float) -> None:
    """Count a violation, and back the pair off."""
    fresh = db.execute("INSERT OR IGNORE INTO strikes VALUES (?, ?, ?)", (plugin, seq, actor)).rowcount
    if not fresh:
        return
    asked = "SELECT times FROM backed_off WHERE plugin = ? AND actor = ?"
    row = db.execute(asked, (plugin, actor)).fetchone()
    times = 1 if row is None else row[0] + 1
    until = at + PAUSES[min(times, len(PAUSES)) - 1]
    db.execute("INSERT OR REPLACE INTO backed_off VALUES (?, ?, ?, ?)", (plugin, actor, times, until))


def went_well(db: sqlite3.Connection, plugin: PluginId, actor: str) -> None:
    """End the row of a plugin and the backing off of a pair."""
    db.execute("DELETE FROM strikes WHERE plugin = ?", (plugin,))
    db.execute("DELETE FROM backed_off WHERE plugin = ? AND actor = ?", (plugin, actor))


def pardon(db: sqlite3.Connection, plugin: PluginId) -> None:
    """Forget all that stands against a plugin: somebody has enabled or changed it."""
    db.execute("DELETE FROM strikes WHERE plugin = ?", (plugin,))
    db.execute("DELETE FROM backed_off WHERE plugin = ?", (plugin,))


def row_of(db: sqlite3.Connection, plugin: PluginId) -> Row:
    """Say what stands against a plugin."""
    actors = [actor for (actor,) in db.execute("SELECT actor FROM strikes WHERE plugin = ?", (plugin,))]
    return Row(len(actors), frozenset(actors))


def until(db: sqlite3.Connection, plugin: PluginId, actor: str) -> float:
    """Say until when a pair is backed off, in seconds of the wall clock; 0 if it is not."""
    asked = "SELECT until FROM backed_off WHERE plugin = ? AND actor = ?"
    row = db.execute(asked, (plugin, actor)).fetchone()
    return 0.0 if row is None else float(row[0])


def any_at_all(db: sqlite3.Connection) -> bool:
    """Tell whether anything stands against anybody."""
    asked = "SELECT EXISTS (SELECT 1 FROM strikes) OR EXISTS (SELECT 1 FROM backed_off)"
    return bool(db.execute(asked).fetchone()[0])
