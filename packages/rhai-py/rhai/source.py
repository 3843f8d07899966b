"""Looking at a script's text: excerpts for errors, comments of functions."""

from __future__ import annotations

import bisect
import itertools
import re

_WIDTH = 120
# Lines of one doc comment; a longer one is cut at its beginning.
_LONGEST = 200
_HEAD = re.compile(r"\bfn\s+(?:[\w\"]+\.)?(\w+)\s*\(")


def excerpt(source: str, line: int | None, column: int | None) -> str:
    r"""Show a line with a caret below the column.

    >>> print(excerpt("let x = 1;\nlet y = z;", 2, 9))
     2 | let y = z;
       |         ^
    """
    if not source or line is None or line < 1:
        return ""
    lines = source.split("\n", line)
    if line > len(lines):
        return ""
    # Only the part that is shown is looked at: a line may be as long as a script.
    text = lines[line - 1]
    start = max(0, (column or 1) - _WIDTH // 2) if len(text) > _WIDTH else 0
    first = f"{line:2} | {_printable(text[start : start + _WIDTH].rstrip())}"
    if not column:
        return first
    return f"{first}\n{' ' * len(f'{line:2}')} | {' ' * (column - 1 - start)}^"


def _printable(line: str) -> str:
    """Take the teeth out of control characters; tabs count as one column, as Rhai counts them."""
    return "".join(letter if letter.isprintable() else " " for letter in line)


class Comments:
    r"""The doc comments of a script, found in one pass over its text.

    >>> Comments("/// Adds.\n/// Twice.\nfn add(a) { a }").above("add", 3)
    'Adds.\nTwice.'
    """

    def __init__(self, source: str) -> None:
        self._lines = source.split("\n") if "///" in source or "/**" in source else []
        self._heads: dict[str, list[int]] = {}
        self._known: dict[int, str] = {}
        for number, line in enumerate(self._lines):
            for found in _HEAD.finditer(line):
                self._heads.setdefault(found[1], []).append(number)

    def above(self, name: str, body_line: int) -> str:
        """Give the text of the `///` or `/** */` comment right above a function, without the marks."""
        heads = self._heads.get(name, [])
        before = bisect.bisect_right(heads, body_line - 1)
        if not before:
            return ""
        at = heads[before - 1]
        known = self._known.get(at)
        if known is None:
            known = self._known[at] = self._read(at)
        return known

    def _read(self, at: int) -> str:
        if at == 0:
            return ""
        above = self._lines[max(0, at - _LONGEST) : at]
        return _slashes(above) if above[-1].strip().startswith("///") else _block(above)


def _slashes(above: list[str]) -> str:
    found = list(
        itertools.takewhile(lambda line: line.startswith("///"), (line.strip() for line in reversed(above)))
    )
    return "\n".join(line[3:].removeprefix(" ").rstrip() for line in reversed(found))


def _block(above: list[str]) -> str:
    if not above[-1].rstrip().endswith("*/"):
        return ""
    start = next((index for index in range(len(above) - 1, -1, -1) if "/**" in above[index]), None)
    if start is None:
        return ""
    text = "\n".join(above[start:])
    inner = text[text.index("/**") + 3 : text.rindex("*/")]
    return "\n".join(line.strip().removeprefix("*").strip() for line in inner.strip().split("\n"))
