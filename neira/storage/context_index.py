"""The search index `.neira/search.sqlite`: derived from the context's files, and made anew when in doubt.

`context_search` looks things up in it, `neira search rebuild` makes it anew, the keeper may call `refresh`.
Each look first brings it up to date, within a second: what the writer has noted always, whatever else people
have put there once a minute. Where it cannot answer (no FTS5, damage, too much to read at once, a full disk)
it says so, and the files themselves are read. Any number of processes may use it at once.
"""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from neira import disk
from neira.errors.disk import Busy
from neira.errors.storage import SearchIndexFailed
from neira.storage import context_texts
from neira.storage.context_files import steps_at
from neira.storage.context_indexing import Indexing, count
from neira.storage.context_texts import SHORTEST, Texts
from neira.storage.context_touched import Taken, Touched
from neira.storage.context_writer import MOST_NEWS, NEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from neira.ports import Clock
    from neira.storage.context_files import Position, Step, Wanted

T = TypeVar("T")

FILE = "search.sqlite"
LASTS = 1.0  # seconds that a look may spend on reading what is new; the keeper may take more
PATIENCE = 1.0  # seconds that it waits for another process to do so
EVERY = 60.0  # seconds between two walks over all files
_SPARING = 20  # a walk that takes long comes so much less often
_DAMAGE = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What the index holds: files, items with text, and what could not be read."""

    files: int
    items: int
    flaws: int


class Look:
    """One look into the index, as it is at one moment."""

    def __init__(self, texts: Texts, context: Path, words: str) -> None:
        self._texts = texts
        self._context = context
        self._words = words

    def steps(self, wanted: Wanted, start: Position) -> Iterator[Step]:
        """Read the lines that may hold the words, from a position on, in the order of all lines."""
        for number, place in self._texts.files_with(self._words, wanted, start):
            offsets = self._texts.lines_with(self._words, number, place.offset)
            if (first := next(offsets, None)) is not None:
                yield from steps_at(self._context, place, chain((first,), offsets))

    def flaws(self, wanted: Wanted, start: Position, end: Position | None) -> int:
        """Count what cannot be read between two positions."""
        return self._texts.flaws(wanted, start, end)


class ContextIndex:
    """The index of one home; `private` is its folder `.neira`."""

    def __init__(self, private: Path, context: Path, clock: Clock) -> None:
        self._path = private / FILE
        self._context = context
        self._clock = clock
        self._news = Touched(private / NEWS, most=MOST_NEWS)
        self._lock = disk.Lock(private / f"{FILE}.lock", clock)
        self._next_walk = float("-inf")

    def look(self, words: str, use: Callable[[Look], T]) -> T | None:
        """Let a function look folded words up; None where only reading can tell."""
        if len(words) < SHORTEST or not _is_text(words) or not self.refresh():
            return None
        try:
            with closing(Texts(self._path)) as texts:
                texts.look()
                if texts.is_complete:
                    return use(Look(texts, self._context, words))
        except sqlite3.Error as error:
            self._mend(error)
            return None
        self._next_walk = float("-inf")  # somebody has begun it anew
        return None

    def refresh(self, lasts: float = LASTS) -> bool:
        """Bring the index up to date as far as so many seconds allow, and tell whether it is."""
        now = self._clock.monotonic()
        if now < self._next_walk and not self._news.is_waiting():
            return True
        if not self._is_possible:
            return False
        try:
            with self._lock.held(PATIENCE):
                return self._catch_up(lasts)
        except sqlite3.Error as error:
            self._mend(error)
        except (Busy, OSError):
            pass
        return False

    def rebuild(self, progress: Callable[[int, int], None]) -> Rebuilt:
        """Make the index anew from all files."""
        if not self._is_possible:
            raise SearchIndexFailed("this SQLite cannot search text: it lacks FTS5 with trigrams")
        try:
            with self._lock.held():
                return self._read_all(progress)
        except sqlite3.Error as error:
            raise SearchIndexFailed(str(error)) from error
        except OSError as error:
            raise disk.explained(error, FILE) from error

    @cached_property
    def _is_possible(self) -> bool:
        return context_texts.is_there()

    def _read_all(self, progress: Callable[[int, int], None]) -> Rebuilt:
        total, done = count(self._context), 0

        def one_more() -> None:
            nonlocal done
            done += 1
            progress(done, max(done, total))

        self._news.take()  # all that it tells of is read now
        with closing(self._emptied()) as texts:
            Indexing(texts, self._context, self._clock.monotonic, math.inf).all(one_more)
            texts.complete()
            found = texts.count()
        self._news.done()
        return Rebuilt(*found)

    def _emptied(self) -> Texts:
        """Begin anew in the same file, which others may be reading, or in another one if it is damaged."""
        texts = Texts(self._path)
        try:
            texts.prepare()
            texts.empty()
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                texts.close()
            self._discard()
            texts = Texts(self._path)
            texts.prepare()
        return texts

    def _catch_up(self, lasts: float) -> bool:
        with closing(Texts(self._path)) as texts:
            texts.prepare()
            indexing = Indexing(texts, self._context, self._clock.monotonic, lasts)
            for _ in range(2):  # the first list may be one that a killed process had taken
                taken = self._news.take()
                if not self._read(texts, indexing, taken):
                    return False
                if taken is None:
                    break
                texts.keep()
                self._news.done()
        return True

    def _read(self, texts: Texts, indexing: Indexing, taken: Taken | None) -> bool:
        """Read what was noted, or look at everything if that is not all, or if it is time to."""
        is_told = taken is None or taken.is_whole
        if is_told and texts.is_complete and self._clock.monotonic() < self._next_walk:
            return indexing.some(() if taken is None else taken.places)
        if not self._walk(indexing):
            return False
        texts.complete()
        return True

    def _walk(self, indexing: Indexing) -> bool:
        """Look at every file; afterwards this process is content with what the writer notes for a while."""
        begun = self._clock.monotonic()
        if not indexing.all(lambda: None):
            return False
        now = self._clock.monotonic()
        self._next_walk = now + max(EVERY, (now - begun) * _SPARING)
        return True

    def _mend(self, error: sqlite3.Error) -> None:
        """Throw away an index that is damaged: the next look makes it anew."""
        self._next_walk = float("-inf")
        if _kind(error) in _DAMAGE:
            with suppress(Busy, OSError), self._lock.held(PATIENCE):
                self._discard()

    def _discard(self) -> None:
        self._next_walk = float("-inf")
        for suffix in ("", "-wal", "-shm", "-journal"):
            self._path.with_name(f"{FILE}{suffix}").unlink(missing_ok=True)


def _kind(error: sqlite3.Error) -> int:
    """Say what SQLite calls a failure."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF


def _is_text(words: str) -> bool:
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True
