"""How people write a name, made one: case, ё, quotes, underscores and punctuation do not matter.

The catalogue compares names with it, and the phrases find gates by it.
"""

from __future__ import annotations

import unicodedata

_QUOTES = "«»‹›“”„‟‘’‚‛\"'`"  # noqa: RUF001 - quotes of all kinds are the point
_BREAKS = "_-,.!?:;…"
_SPACED = str.maketrans(dict.fromkeys(_QUOTES + _BREAKS, " ") | {"ё": "е"})  # noqa: RUF001 - both are Cyrillic


def words(text: str) -> list[str]:
    """Split what somebody wrote into comparable words."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return folded.translate(_SPACED).split()


def key(text: str) -> str:
    """Give every spelling of one name the same key."""
    return " ".join(words(text))
