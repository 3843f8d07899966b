"""Where the parts of a JSON text stand: a second, slow reading that only errors and manifests pay for.

The fast scanner knows no positions. `strict_json` asks here for the place of a repeated key, `document` for
the lines of a manifest. It walks tokens without recursion, and broken text cannot upset it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.parse.placed import Steps

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\]:,]|[^\s{}\[\]:,"]++', re.DOTALL)
_OPENING, _CLOSING, _MARKS = ("{", "["), ("}", "]"), (",", ":")


@dataclass(slots=True)
class _Frame:
    """An object or array that is still open."""

    step: str | int | None  # leads to the next value; None: a key comes first
    start: int = 0  # where that key stands


def position(text: str, offset: int) -> tuple[int, int]:
    """Turn an offset into line and column, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def places(text: str) -> Iterator[tuple[Steps, int]]:
    """Yield each value's path with the offset where its key, or the value itself in a list, begins."""
    frames: list[_Frame] = []
    for token in _TOKEN.finditer(text):
        word, frame = token.group(), frames[-1] if frames else None
        if word in _MARKS:
            if word == ",":
                _advance(frame)
        elif word in _CLOSING:
            frames[-1:] = []
        elif frame and frame.step is None:
            frame.step, frame.start = _key(word), token.start()
        else:
            yield (
                tuple(each.step for each in frames if each.step is not None),
                (frame.start if frame and isinstance(frame.step, str) else token.start()),
            )
            if word in _OPENING:
                frames.append(_Frame(0 if word == "[" else None))


def offset_of_token(text: str, word: str) -> int:
    """Return where a bare token (a number, a name) stands first, outside strings."""
    return next((token.start() for token in _TOKEN.finditer(text) if token.group() == word), 0)


def offset_of_repeat(text: str) -> int:
    """Return where the first key stands that its object already has."""
    met: set[Steps] = set()
    for path, offset in places(text):
        if path in met:
            return offset
        met.add(path)
    return 0


def _advance(frame: _Frame | None) -> None:
    if frame:
        frame.step = frame.step + 1 if isinstance(frame.step, int) else None


def _key(word: str) -> str:
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return word
