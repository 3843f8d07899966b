"""Which words an item holds: the folding of letters, and what of an item counts as its text.

The search that reads and the index that remembers both call it, so that they find the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.storage.context_places import HOST_KEYS, PLACE_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.model import Json, JsonObject

# what nobody wrote; whose plugin an item is, people do look for
_NOT_TEXT = frozenset({*PLACE_KEYS, *HOST_KEYS}) - {"plugin"}


def folded(text: str) -> str:
    """Make spellings equal: capital and small, and й and ё of one sign or of two.

    Unicode's own normalisation takes quadratic time over a row of accents, and anybody may write one.
    """
    return text.casefold().replace("\u0438\u0306", "й").replace("\u0435\u0308", "ё")


def says(item: JsonObject, words: str) -> bool:
    """Tell whether some text of an item holds folded words; its keys and its place are not looked at."""
    return not words or any(words in each for each in texts(item))


def texts(item: JsonObject) -> Iterator[str]:
    """Give every text of an item, folded."""
    for key, value in item.items():
        if key not in _NOT_TEXT:
            yield from _within(value)


def _within(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield folded(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _within(each)
    elif isinstance(value, list):
        for each in value:
            yield from _within(each)
