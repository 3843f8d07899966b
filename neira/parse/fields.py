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


def quoted(text: str) -> str:
    """Show foreign text: short, printable, in double quotes."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return '"' + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut) + '"'


def seen(value: object) -> str:
    """Say in a few words what a value is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        return str(value) if -(10**30) < value < 10**30 else "a very large integer"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return "a map" if value else "an empty map"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return f"a {type(value).__name__}"


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
