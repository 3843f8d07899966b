"""A page of what plugins saved: the items with some words in them, with bounded work.

`neira.facts` calls it. The index names the lines that may hold the words; where it cannot (less than three
letters, no index yet) every line is read. A page ends when it is full or when it has read `MOST_READ` bytes,
where each file or folder opened counts as `OPENING` of them; so it may be short, or empty, and still have a
next one. With the index or without it, the pages hold the same items in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neira.errors.disk import BadPath
from neira.storage.context_files import steps
from neira.storage.context_words import folded, says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from neira.model import JsonObject
    from neira.storage.context_files import Position, Step, Wanted
    from neira.storage.context_index import ContextIndex, Look

MOST_READ = 4 << 20  # bytes of a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for, and who may see what."""

    words: str
    wanted: Wanted
    is_seen: Callable[[JsonObject], bool]


@dataclass(slots=True)
class Page:
    """Some items, where the next ones begin, and how many lines and files before that could not be read."""

    items: list[JsonObject] = field(default_factory=list)
    next: Position | None = None
    skipped: int = 0


def search(
    context: Path,
    asked: Search,
    start: Position,
    *,
    limit: int,
    strict: bool = False,
    index: ContextIndex | None = None,
) -> Page:
    """Find items from a position on; strict: a file that cannot be read is an error, not a number."""
    if index is not None and not strict:
        page = index.look(folded(asked.words), lambda look: _looked_up(look, asked, start, limit))
        if page is not None:
            return page
    return _page(steps(context, asked.wanted, start), asked, start, limit=limit, strict=strict)


def _looked_up(look: Look, asked: Search, start: Position, limit: int) -> Page:
    """Read only the lines that the index names; what cannot be read it knows as well."""
    page = _page(look.steps(asked.wanted, start), asked, start, limit=limit, strict=False)
    page.skipped = look.flaws(asked.wanted, start, page.next)
    return page


def _page(found: Iterable[Step], asked: Search, start: Position, *, limit: int, strict: bool) -> Page:
    page, words, left, full, flaws = Page(), folded(asked.words), MOST_READ, start, 0
    for step in found:
        if isinstance(step.flaw, BadPath) and strict:
            raise step.flaw
        flaws += bool(step.flaw)
        if step.item is not None and asked.is_seen(step.item) and says(step.item, words):
            if len(page.items) == limit:
                page.next = full
                return page
            page.items.append(step.item)
            full, page.skipped = step.behind, flaws
        left -= step.cost
        if left <= 0:
            page.next = step.behind
            break
    page.skipped = flaws
    return page
