"""How a mistake is worded: the path to a field, and what stood there in a few safe words.

Called by whoever makes a `Problem`: the event door, the schema check, the manifest reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Step: TypeAlias = str | int

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_$-]{1,64}")
_SHOWN = 40
_LARGE = 10**30


def quoted(text: str) -> str:
    """Show foreign text: short, printable, in double quotes."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return '"' + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut) + '"'


def seen(value: object) -> str:
    """Say in a few words what a value is."""
    match value:
        case None | bool():
            words = {None: "null", True: "true", False: "false"}[value]
        case str():
            words = quoted(value)
        case int():
            words = str(value) if abs(value) < _LARGE else "a very large integer"
        case float():
            words = repr(value)
        case dict():
            words = "a map" if value else "an empty map"
        case list() | tuple():
            words = f"a list of {len(value)}"
        case _:
            words = f"a {type(value).__name__}"
    return words


def step(path: str, key: Step) -> str:
    """Go one step down a path."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{quoted(key)}]"
    return f"{path}.{key}" if path else key


def dotted(steps: Iterable[Step], root: str = "") -> str:
    """Write a whole path, `params.points[3].x`."""
    path = root
    for each in steps:
        path = step(path, each)
    return path
