"""A page of what plugins saved: the items with some words in them, found by reading, with bounded work.

`neira.facts` calls it. A page ends when it is full or when it has read `MOST_READ` bytes, where each file or
folder opened counts as `OPENING` of them; so it may be short, or empty, and still have a next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neira.errors.disk import BadPath
from neira.storage.context_files import Position, Wanted, steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from neira.model import Json, JsonObject

MOST_READ = 4 << 20  # bytes of a page
_PLACE = frozenset({"type", "chat_id", "session_id"})  # what an item does not say itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for, and who may see what."""

    words: str
    wanted: Wanted
    is_seen: Callable[[JsonObject], bool]


@dataclass(slots=True)
class Page:
    """Some items, where the next ones begin, and how many lines and files could not be read."""

    items: list[JsonObject] = field(default_factory=list)
    next: Position | None = None
    skipped: int = 0


def search(context: Path, asked: Search, start: Position, *, limit: int, strict: bool = False) -> Page:
    """Find items from a position on; strict: a file that cannot be read is an error, not a number."""
    page, words, left, full = Page(), _folded(asked.words), MOST_READ, start
    for step in steps(context, asked.wanted, start):
        if isinstance(step.flaw, BadPath) and strict:
            raise step.flaw
        page.skipped += bool(step.flaw)
        if step.item is not None and asked.is_seen(step.item) and _says(step.item, words):
            if len(page.items) == limit:
                page.next = full
                return page
            page.items.append(step.item)
            full = step.behind
        left -= step.cost
        if left <= 0:
            page.next = step.behind
            return page
    return page


def _says(item: JsonObject, words: str) -> bool:
    """Tell whether some text of an item holds the words; its keys and its place are not looked at."""
    if not words:
        return True
    return any(_holds(value, words) for key, value in item.items() if key not in _PLACE)


def _holds(value: Json, words: str) -> bool:
    if isinstance(value, str):
        return words in _folded(value)
    if isinstance(value, dict):
        return any(_holds(each, words) for each in value.values())
    return isinstance(value, list) and any(_holds(each, words) for each in value)


def _folded(text: str) -> str:
    """Make spellings equal: capital and small, and й and ё of one sign or of two.

    Unicode's own normalisation takes quadratic time over a row of accents, and anybody may write one.
    """
    return text.casefold().replace("\u0438\u0306", "й").replace("\u0435\u0308", "ё")
