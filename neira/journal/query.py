"""Searching the journal page by page, newest first.

`GET /journal` and `neira journal` ask here. A page reads at most so many records backward from its cursor, so
that a filter that matches nothing costs a bounded time; the next cursor goes on where it stopped.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.change import BadCursor
from neira.errors.journal import JournalDamaged
from neira.journal import record, segment
from neira.journal.reader import Reader, as_record
from neira.model import Seq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from neira.journal.segment import Unit
    from neira.model import Json, Record

MOST_SCANNED = 200_000  # records read for one page
_LONGEST_CURSOR = 20
_PLUGIN_KEYS = ("plugin", "tool_id", "plugins", "receivers")  # of `data`


@dataclass(frozen=True, slots=True)
class Filters:
    """What a page shows; what is not given lets everything through."""

    since: datetime | None = None
    until: datetime | None = None
    plugin: str | None = None
    kind: str | None = None  # a whole kind, or a noun: `plugin` finds `plugin.registered`
    actor: str | None = None
    id: str | None = None
    text: str | None = None

    def let_through(self, found: Record) -> bool:
        """Tell whether a record is asked for."""
        return (
            (self.since is None or found.ts >= self.since)
            and (self.until is None or found.ts < self.until)
            and (self.actor is None or found.actor == self.actor)
            and (self.id is None or found.id == self.id)
            and (self.plugin is None or self.plugin in _plugins(found))
        )

    def may_match(self, line: bytes) -> bool:
        """Tell from the bytes alone whether a line can match, before it is parsed."""
        if self.kind is not None and not _is_kind(record.kind_of(line), self.kind):
            return False
        return self.text is None or self.text.casefold() in line.decode("utf-8", "replace").casefold()


@dataclass(frozen=True, slots=True)
class Page:
    """Records, newest first, and the cursor of the next page."""

    records: tuple[Record, ...]
    next: str | None


def page(
    home: Path, filters: Filters, *, cursor: str | None = None, limit: int = 100, scan: int = MOST_SCANNED
) -> Page:
    """Read one page; lines that are damaged are passed over, `verify` is the one to name them."""
    reader = Reader(home)
    found: list[Record] = []
    seq = _start(reader, cursor)
    for unit in itertools.islice(backward(reader, seq), scan):
        if (number := record.seq_of(unit.line)) is None:
            continue
        if len(found) == limit:
            return Page(tuple(found), str(seq))
        seq = Seq(number)
        if (match := _match(unit, filters)) is not None:
            found.append(match)
    return Page(tuple(found), str(seq) if _has_more(reader, seq) else None)


def backward(reader: Reader, before: Seq | None) -> Iterator[Unit]:
    """Read units from behind, those before a number only."""
    for number in reversed(reader.numbers()):
        with reader.opened(number) as file:
            first = segment.first_seq(file)
            if first is None or (before is not None and first >= before):
                continue
            end = segment.whole_end(file) if before is None else segment.locate(file, before)
            yield from segment.units_back(file, end)


def _start(reader: Reader, cursor: str | None) -> Seq | None:
    """Read a cursor: the number that the page stays below; the first page stays below what is in progress."""
    if cursor is None:
        committed = reader.committed()
        return None if committed is None else Seq(committed + 1)
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _LONGEST_CURSOR):
        raise BadCursor
    return Seq(int(cursor))


def _has_more(reader: Reader, seq: Seq | None) -> bool:
    return seq is not None and next(backward(reader, seq), None) is not None


def _match(unit: Unit, filters: Filters) -> Record | None:
    if not filters.may_match(unit.line):
        return None
    try:
        found = as_record(unit)
    except JournalDamaged:
        return None
    return found if filters.let_through(found) else None


def _is_kind(kind: str, asked: str) -> bool:
    return kind == asked or kind.startswith(f"{asked.removesuffix('.*').removesuffix('.')}.")


def _plugins(found: Record) -> list[Json]:
    named: list[Json] = []
    for key in _PLUGIN_KEYS:
        value = found.data.get(key)
        named.extend(value if isinstance(value, list) else [value])
    return named
