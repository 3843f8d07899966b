"""An index of Idempotency-Keys, derived from the journal and safe to delete.

A look-up that finds nothing reads the records that nobody has indexed yet, in one transaction with the
mark of how far it came; so the index is complete whenever it says no, whoever died in between.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.change import IdempotencyMismatch
from neira.model import Seq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from neira.model import JsonObject, Record

_TABLES = """
CREATE TABLE IF NOT EXISTS used
    (actor TEXT, key TEXT, request TEXT, seq INTEGER, ts REAL, PRIMARY KEY (actor, key));
CREATE TABLE IF NOT EXISTS mark (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), seq INTEGER);
INSERT OR IGNORE INTO mark VALUES (1, 0);
"""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a key: who, which key, and the digest of what was asked with it."""

    actor: str
    key: str
    request: str  # "METHOD path sha256-of-body"

    def as_data(self) -> JsonObject:
        """Write the use as it stands in a record."""
        return {"key": self.key, "request": self.request}


class IdempotencyIndex:
    """The keys of the last hours."""

    def __init__(self, path: Path, records: Callable[[Seq], Iterator[Record]], keep: timedelta) -> None:
        self._path = path
        self._records = records
        self._keep = keep

    def find(self, use: Use, now: datetime) -> Seq | None:
        """Return the number of the record that answered this request, or refuse a key of another request."""
        with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as store:
            store.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _TABLES)
            found = self._row(store, use, now) or self._catch_up(store, use, now)
        if found is None:
            return None
        request, seq = found
        if request != use.request:
            raise IdempotencyMismatch
        return Seq(seq)

    def _row(self, store: sqlite3.Connection, use: Use, now: datetime) -> tuple[str, int] | None:
        oldest = (now - self._keep).timestamp()
        asked = "SELECT request, seq FROM used WHERE actor = ? AND key = ? AND ts > ?"
        row: tuple[str, int] | None = store.execute(asked, (use.actor, use.key, oldest)).fetchone()
        return row

    def _catch_up(self, store: sqlite3.Connection, use: Use, now: datetime) -> tuple[str, int] | None:
        store.execute("BEGIN IMMEDIATE")
        (mark,) = store.execute("SELECT seq FROM mark").fetchone()
        for record in self._records(Seq(mark)):
            mark = record.seq
            used = record.data.get("idempotency")
            if isinstance(used, dict):
                row = (record.actor, used["key"], used["request"], record.seq, record.ts.timestamp())
                store.execute("INSERT OR REPLACE INTO used VALUES (?, ?, ?, ?, ?)", row)
        store.execute("UPDATE mark SET seq = ?", (mark,))
        store.execute("DELETE FROM used WHERE ts <= ?", ((now - self._keep).timestamp(),))
        store.execute("COMMIT")
        return self._row(store, use, now)
