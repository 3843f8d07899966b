"""Long lists in pages: an opaque cursor says behind which key the next one begins."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from neira.errors.change import BadCursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONGEST_KEY = 512

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some of a list, and where the rest begins."""

    items: tuple[Item, ...]
    next: str | None


def page_of(
    items: Iterable[Item], key: Callable[[Item], str], *, limit: int, cursor: str | None
) -> Page[Item]:
    """Take the page behind a cursor of a list that is in the order of its keys; the rest is not looked at."""
    behind = "" if cursor is None else opened(cursor)
    taken = list(islice((item for item in items if key(item) > behind), limit + 1))
    shown = tuple(taken[:limit])
    return Page(shown, sealed(key(shown[-1])) if len(taken) > limit else None)


def sealed(key: str) -> str:
    """Make a cursor of a key."""
    return base64.urlsafe_b64encode(f"k{key}".encode()).rstrip(b"=").decode()


def opened(cursor: str) -> str:
    """Read the key out of a cursor of ours."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise BadCursor from None
    if not text.startswith("k") or len(text) > LONGEST_KEY or sealed(text[1:]) != cursor:
        raise BadCursor
    return text[1:]
