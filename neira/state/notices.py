"""Notifications, newest first: what plugins and the system want people to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from neira.model import JsonObject

TABLES = """
CREATE TABLE IF NOT EXISTS notices (
    seq INTEGER, number INTEGER, ts TEXT, plugin TEXT, title TEXT, message TEXT, PRIMARY KEY (seq, number)
) WITHOUT ROWID;
"""
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification."""

    seq: int
    number: int
    ts: str
    plugin: str | None
    title: str
    message: str

    def as_json(self) -> JsonObject:
        """Show it as the API does."""
        return {
            "id": f"{self.seq}.{self.number}",
            "ts": self.ts,
            "plugin": self.plugin,
            "title": self.title,
            "message": self.message,
        }


def add(db: sqlite3.Connection, notice: Notice) -> None:
    """Keep a notification; the oldest beyond a bound go."""
    row = (notice.seq, notice.number, notice.ts, notice.plugin, notice.title, notice.message)
    db.execute("INSERT OR IGNORE INTO notices VALUES (?, ?, ?, ?, ?, ?)", row)
    (newest,) = db.execute("SELECT count(*) FROM notices").fetchone()
    if newest > KEPT:
        db.execute(
            "DELETE FROM notices WHERE seq <= (SELECT seq FROM notices ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            (KEPT,),
        )


def newest(db: sqlite3.Connection, *, before: tuple[int, int] | None, limit: int) -> Sequence[Notice]:
    """List notifications, newest first, from a place on."""
    seq, number = before or (2**62, 0)
    asked = "SELECT * FROM notices WHERE (seq, number) < (?, ?) ORDER BY seq DESC, number DESC LIMIT ?"
    return [Notice(*row) for row in db.execute(asked, (seq, number, limit))]
