"""The SQLite file below `.neira/`: readers of any thread, one writer, and how far the journal is in it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.disk import DiskFailed, DiskFull
from neira.model import Seq

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from neira.errors import NeiraError

_MARK = """
CREATE TABLE IF NOT EXISTS mark (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1), applied INTEGER, settled INTEGER, boot TEXT
);
INSERT OR IGNORE INTO mark VALUES (1, 0, 0, '');
"""
_BUSY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the journal is applied here, how far all stores are certain on disk, and since which boot."""

    applied: Seq
    settled: Seq
    boot: str


class Database:
    """Connections to the file: one a thread for reading, one for the writer."""

    def __init__(self, path: Path, tables: Sequence[str]) -> None:
        self._path = path
        self._tables = "".join(tables)
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        try:
            self.reading().executescript(_MARK + self._tables)
        except sqlite3.OperationalError as error:
            raise explained(error) from error
        except sqlite3.DatabaseError:  # no database any more: all of it is made again from the journal
            self._set_aside()
            self.reading().executescript(_MARK + self._tables)

    def reading(self) -> sqlite3.Connection:
        """Give this thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = self._open()
        return found

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run a block as one transaction; the applier's lock keeps others away."""
        db = self.reading()
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except BaseException as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise explained(error) from error
            raise

    def mark(self) -> Mark:
        """Read how far this is."""
        row = self.reading().execute("SELECT applied, settled, boot FROM mark").fetchone()
        return Mark(Seq(row[0]), Seq(row[1]), row[2])

    def settle(self, settled: Seq, boot: str) -> None:
        """Put everything on disk for certain, and say so."""
        with self.writing() as db:
            db.execute(
                "UPDATE mark SET settled = CASE WHEN boot = ?2 THEN max(settled, ?1) ELSE ?1 END, boot = ?2",
                (settled, boot),
            )
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def flaw(self) -> str | None:
        """Look through the whole file; say what is wrong with it."""
        try:
            (found,) = self.reading().execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            return str(error)
        return None if found == "ok" else str(found)

    def close(self) -> None:
        """Let go of all connections."""
        with self._guard:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _set_aside(self) -> None:
        """Keep a damaged file for whoever wants to look at it."""
        self.close()
        self._local = threading.local()
        for path in self._path.parent.glob(f"{self._path.name}-*"):
            path.unlink()
        self._path.replace(self._path.with_name(f"{self._path.name}.damaged"))

    def _open(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        except sqlite3.OperationalError as error:
            raise explained(error) from error
        with self._guard:
            self._opened.append(connection)
        return connection


def explained(error: sqlite3.Error) -> NeiraError:
    """Turn what SQLite said into one of our errors."""
    if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
        return DiskFull("state.sqlite")
    return DiskFailed("state.sqlite", str(error))
