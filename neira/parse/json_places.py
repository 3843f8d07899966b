"""Where the parts of a JSON text stand: a second, slow reading that only errors and manifests pay for.

The fast scanner knows no positions. `strict_json` asks here for the place of a repeated key, `document` for the
lines of a manifest. It walks tokens without recursion and trusts nothing but brackets, so broken text is fine.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.parse.placed import Steps

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\]:,]|[^\s{}\[\]:,"]++', re.DOTALL)


def position(text: str, offset: int) -> tuple[int, int]:
    """Turn an offset into line and column, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def places(text: str) -> Iterator[tuple[Steps, int]]:
    """Yield each value's path with the offset where its key, or the value itself in a list, begins."""
    frames: list[list[str | int | None]] = []  # the step that leads to the next value; None: a key comes first
    start = 0
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word in "{[":
            if not frames or isinstance(frames[-1][0], int):
                yield _path(frames), token.start()
            frames.append([0 if word == "[" else None])
        elif word in "}]":
            if frames:
                frames.pop()
        elif word == ",":
            _advance(frames)
        elif word == ":":
            if frames and isinstance(frames[-1][0], str):
                yield _path(frames), start
        elif frames and frames[-1][0] is None:
            frames[-1][0], start = _key(word), token.start()
        elif not frames or isinstance(frames[-1][0], int):
            yield _path(frames), token.start()


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


def _advance(frames: list[list[str | int | None]]) -> None:
    if frames:
        step = frames[-1][0]
        frames[-1][0] = step + 1 if isinstance(step, int) else None


def _path(frames: list[list[str | int | None]]) -> Steps:
    return tuple(frame[0] for frame in frames if frame[0] is not None)


def _key(word: str) -> str:
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        return word
