"""Events that plugins have published and that nobody has taken up yet.

A row comes with the result that published it and goes with the `event.received` that names it as its cause;
what a dead process has left is found here and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from neira.parse import strict_json

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from neira.model import JsonObject

TABLES = """
CREATE TABLE IF NOT EXISTS publications (
    seq INTEGER, number INTEGER, boot TEXT, data TEXT, PRIMARY KEY (seq, number)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Publication:
    """One published event: the action that made it, and what its event will carry."""

    seq: int
    number: int
    boot: str  # of the process that will take it up, while it lives
    data: JsonObject


def add(db: sqlite3.Connection, publication: Publication) -> None:
    """Keep a publication until it is taken up."""
    row = (publication.seq, publication.number, publication.boot, strict_json.dumps(publication.data))
    db.execute("INSERT OR IGNORE INTO publications VALUES (?, ?, ?, ?)", row)


def taken_up(db: sqlite3.Connection, seq: int, number: int) -> None:
    """Let go of one whose event has begun."""
    db.execute("DELETE FROM publications WHERE seq = ? AND number = ?", (seq, number))


def of_boot(db: sqlite3.Connection, boot: str) -> Sequence[Publication]:
    """List what a process has left, oldest first."""
    asked = "SELECT seq, number, boot, data FROM publications WHERE boot = ? ORDER BY seq, number"
    rows = db.execute(asked, (boot,)).fetchall()
    return [Publication(s, n, b, cast("JsonObject", strict_json.loads(d.encode()))) for s, n, b, d in rows]


def boots(db: sqlite3.Connection) -> Sequence[str]:
    """Name the processes that have left something."""
    return [boot for (boot,) in db.execute("SELECT DISTINCT boot FROM publications")]
