"""The SQLite file of the search index: which lines hold which three letters in a row, and what was read.

`context_index` and `context_indexing` call it. A text stands under one number: that of its file, and the byte
where its line begins. So the numbers of a file lie side by side, in the order of its lines.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from neira.storage.context_files import Position

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neira.storage.context_files import Wanted

SHORTEST = 3  # letters that the index can look for
COMPLETE = 1  # of `user_version`: everything was read once, in this layout

Looks: TypeAlias = tuple[int, int, int]  # of a file: its number on the disk, its size, when it changed

_OFFSET_BITS = 36  # 64 GB a file; more files than a disk has inodes
FAR = 1 << _OFFSET_BITS
_AT_ONCE = 16  # files that are asked one by one before all others are asked at once
_MOST_TERMS = 48  # of three letters; what is found is looked at anyway
_CHANGES = 5_000  # in one transaction
_BUSY_SECONDS = 2.0
_TABLES = """
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, chat TEXT NOT NULL, session TEXT NOT NULL, type TEXT NOT NULL,
    inode INTEGER NOT NULL, size INTEGER NOT NULL, changed INTEGER NOT NULL,
    upto INTEGER NOT NULL, seam INTEGER NOT NULL, UNIQUE (chat, session, type)
);
CREATE TABLE IF NOT EXISTS flaws (place INTEGER PRIMARY KEY);
CREATE VIRTUAL TABLE IF NOT EXISTS texts
    USING fts5(text, tokenize = 'trigram case_sensitive 1', detail = none);
"""
_PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;"
_FILTER = """
    AND (:chat IS NULL OR chat = :chat) AND (:session IS NULL OR session IN (:session, ''))
    AND (:type IS NULL OR type IN (:type, ''))
"""
_NEXT_FILES = f"""
SELECT id, chat, session, type FROM files
WHERE (chat, session, type) >= (:chat1, :session1, :type1) {_FILTER}
ORDER BY chat, session, type LIMIT {_AT_ONCE}
"""  # noqa: S608 - a constant of ours
_FILES_WITH = f"""
SELECT id, chat, session, type
FROM (SELECT DISTINCT rowid >> {_OFFSET_BITS} AS id FROM texts WHERE texts MATCH :match) JOIN files USING (id)
WHERE (chat, session, type) > (:chat1, :session1, :type1) {_FILTER}
ORDER BY chat, session, type
"""  # noqa: S608 - a constant of ours
_LINES_WITH = f"""
SELECT rowid & {FAR - 1} FROM texts WHERE texts MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid
"""  # noqa: S608 - a constant of ours
_FLAWS = f"""
SELECT count(*) FROM flaws JOIN files ON files.id = flaws.place >> {_OFFSET_BITS}
WHERE (chat, session, type, place & {FAR - 1}) >= (:chat1, :session1, :type1, :offset1)
    AND (:open OR (chat, session, type, place & {FAR - 1}) < (:chat2, :session2, :type2, :offset2)) {_FILTER}
"""  # noqa: S608 - a constant of ours
_COUNTS = """
SELECT (SELECT count(*) FROM files WHERE type <> ''), (SELECT count(*) FROM texts),
    (SELECT count(*) FROM flaws)
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A file as the index has read it: up to a byte, before which the bytes came to this sum."""

    id: int
    looks: Looks
    upto: int
    seam: int


class Texts:
    """One connection to the file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        self._pending = 0

    def close(self) -> None:
        """Keep what was written, and let go."""
        try:
            if self._db.in_transaction:
                self._db.execute("COMMIT")
        finally:
            self._db.close()

    def prepare(self) -> None:
        """Make the tables if they are missing, and begin to write."""
        self._db.executescript(_PRAGMAS if self.is_complete else _PRAGMAS + _TABLES)
        self._db.execute("BEGIN IMMEDIATE")

    def empty(self) -> None:
        """Drop everything, without a word to whoever is reading."""
        for table in ("texts", "flaws", "files"):
            self._db.execute(f"DROP TABLE {table}")
        self._db.execute("PRAGMA user_version = 0")
        self._db.execute("COMMIT")
        self.prepare()

    def keep(self) -> None:
        """Commit, and write on."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN IMMEDIATE")

    def look(self) -> None:
        """Begin to read: all answers from now on are of this moment."""
        self._db.execute("BEGIN")

    @property
    def is_complete(self) -> bool:
        """Tell whether everything there is was read once."""
        (number,) = self._db.execute("PRAGMA user_version").fetchone()
        return bool(number == COMPLETE)

    def complete(self) -> None:
        """Say that everything there is has been read."""
        if not self.is_complete:
            self._db.execute(f"PRAGMA user_version = {COMPLETE}")

    def chats(self) -> Iterator[str]:
        """Name the chats that the index knows."""
        last = ""
        while (row := self._db.execute("SELECT min(chat) FROM files WHERE chat > ?", (last,)).fetchone())[0]:
            last = row[0]
            yield last

    def files(self, chat: str) -> dict[tuple[str, str], Known]:
        """Give the files of a chat, by session and type; both are empty for a chat that cannot be read."""
        rows = self._db.execute(
            "SELECT session, type, id, inode, size, changed, upto, seam FROM files WHERE chat = ?", (chat,)
        )
        return {(row[0], row[1]): Known(row[2], row[3:6], row[6], row[7]) for row in rows}

    def begin(self, chat: str, session: str, kind: str, *, upto: int) -> int:
        """Give the number of a file that is read from a byte on; what was known from there on is dropped."""
        key = (chat, session, kind)
        self._db.execute(
            "INSERT INTO files (chat, session, type, inode, size, changed, upto, seam) "
            "VALUES (?, ?, ?, -1, -1, -1, 0, 0) "
            "ON CONFLICT (chat, session, type) DO UPDATE SET inode = -1, size = -1, changed = -1",
            key,
        )
        (number,) = self._db.execute(
            "SELECT id FROM files WHERE chat = ? AND session = ? AND type = ?", key
        ).fetchone()
        self._clear(number, upto)
        return int(number)

    def end(self, known: Known) -> None:
        """Say how far a file was read."""
        self._db.execute(
            "UPDATE files SET inode = ?, size = ?, changed = ?, upto = ?, seam = ? WHERE id = ?",
            (*known.looks, known.upto, known.seam, known.id),
        )
        self._changed()

    def add(self, number: int, offset: int, text: str) -> None:
        """Remember the folded text of a line."""
        row = (number << _OFFSET_BITS | offset, text.replace("\0", "\ufffd"))  # SQLite ends a text there
        self._db.execute("INSERT INTO texts (rowid, text) VALUES (?, ?)", row)
        self._changed()

    def add_flaw(self, number: int, offset: int) -> None:
        """Remember a line that cannot be read, or a whole file at its first byte."""
        self._db.execute("INSERT INTO flaws (place) VALUES (?)", (number << _OFFSET_BITS | offset,))
        self._changed()

    def forget(self, number: int) -> None:
        """Drop a file that is not there any more."""
        self._clear(number, 0)
        self._db.execute("DELETE FROM files WHERE id = ?", (number,))
        self._changed()

    def files_with(self, words: str, wanted: Wanted, start: Position) -> Iterator[tuple[int, Position]]:
        """Give files that may hold folded words, from a position on, in the order of reading.

        Some are given that do not: a page of common words is full before all files that hold them are known.
        """
        last, count = start, 0
        for number, chat, session, kind in self._db.execute(_NEXT_FILES, _bounds(wanted, start, None)):
            begins = (chat, session, kind) == (start.chat, start.session, start.type)
            last, count = Position(chat, session, kind, start.offset if begins else 0), count + 1
            yield number, last
        if count == _AT_ONCE:
            asked = {"match": _match(words), **_bounds(wanted, last, None)}
            for number, *name in self._db.execute(_FILES_WITH, asked):
                yield number, Position(*name)

    def lines_with(self, words: str, number: int, start: int) -> Iterator[int]:
        """Say where the lines of a file begin that may hold folded words."""
        first, last = number << _OFFSET_BITS | min(start, FAR - 1), number << _OFFSET_BITS | FAR - 1
        for (offset,) in self._db.execute(_LINES_WITH, (_match(words), first, last)):
            yield offset

    def flaws(self, wanted: Wanted, start: Position, end: Position | None) -> int:
        """Count the lines and files between two positions that cannot be read."""
        (count,) = self._db.execute(_FLAWS, _bounds(wanted, start, end)).fetchone()
        return int(count)

    def count(self) -> tuple[int, int, int]:
        """Count files, texts and flaws."""
        files, texts, flaws = self._db.execute(_COUNTS).fetchone()
        return files, texts, flaws

    def _clear(self, number: int, upto: int) -> None:
        span = (number << _OFFSET_BITS | min(upto, FAR - 1), number << _OFFSET_BITS | FAR - 1)
        self._db.execute("DELETE FROM texts WHERE rowid BETWEEN ? AND ?", span)
        self._db.execute("DELETE FROM flaws WHERE place BETWEEN ? AND ?", span)

    def _changed(self) -> None:
        """Commit now and then, so that others may read meanwhile and a killed process loses little."""
        self._pending += 1
        if self._pending >= _CHANGES:
            self._pending = 0
            self.keep()


def is_there() -> bool:
    """Tell whether this SQLite can make the index at all."""
    db = sqlite3.connect(":memory:")
    try:
        db.executescript(_TABLES)
    except sqlite3.OperationalError:
        return False
    finally:
        db.close()
    return True


def _match(words: str) -> str:
    """Ask for every three letters in a row that folded words hold; of very many, for some."""
    text = words.replace("\0", "\ufffd")
    found = sorted({text[at : at + SHORTEST] for at in range(len(text) - SHORTEST + 1)})
    quoted = (term.replace('"', '""') for term in found[:: len(found) // _MOST_TERMS + 1])
    return " AND ".join(f'"{term}"' for term in quoted)


def _bounds(wanted: Wanted, start: Position, end: Position | None) -> dict[str, str | int | None]:
    last = end or Position()
    return {
        "chat": wanted.chat, "session": wanted.session, "type": wanted.type,
        "chat1": start.chat, "session1": start.session, "type1": start.type, "offset1": start.offset,
        "chat2": last.chat, "session2": last.session, "type2": last.type, "offset2": last.offset,
        "open": end is None,
    }  # fmt: skip
