"""Reading Rust as far as its tests need it: tokens, brackets, and what a build leaves out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# The guest's own switches say which examples exist; what it has switched off is explained instead.
FEATURES = frozenset({"std", "internals", "only_i64"})

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<raw>b?r(?P<hashes>\#*)".*?"(?P=hashes))
      | (?P<string>b?"(?:\\.|[^"\\])*")
      | (?P<char>b?'(?:\\(?:x..|u\{[^}]*\}|.)|[^'\\])')
      | (?P<number>0[xob]\w+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?(?:_?[iuf]\w+)?)
      | (?P<word>\w+)
      | (?P<mark>::|->|=>|.)""",
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = "([{", ")]}"
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\", "'": "'", '"': '"'}
_ESCAPE = re.compile(r"\\(?:x(..)|u\{([^}]*)\}|\n(\s*)|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of Rust."""

    kind: str
    text: str
    line: int


def tokens(source: str, line: int = 1) -> list[Token]:
    """Cut a text, comments and spaces dropped."""
    found = []
    for match in _TOKEN.finditer(source):
        kind, text = match.lastgroup or "", match[0]
        if match["raw"] is not None:
            kind = "raw"
        if kind != "space":
            found.append(Token(kind, text, line))
        line += text.count("\n")
    return found


def string(token: Token) -> str:
    """Read a string or character literal."""
    if token.kind == "raw":
        return token.text[token.text.index('"') + 1 : token.text.rindex('"')]
    return _ESCAPE.sub(_unescaped, token.text.lstrip("b")[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        return chr(int(code.replace("_", ""), 16))
    return "" if match[3] is not None else _ESCAPES[match[4]]


def joined(group: Sequence[Token]) -> str:
    """Write tokens without spaces."""
    return "".join(token.text for token in group)


def end_of(group: Sequence[Token], start: int) -> int:
    """Find the bracket that closes the one at `start`."""
    depth = 0
    for index in range(start, len(group)):
        depth += (group[index].text in _OPEN) - (group[index].text in _CLOSE)
        if depth == 0:
            return index
    return len(group) - 1


def split(group: Sequence[Token], mark: str = ",") -> list[list[Token]]:
    """Cut at each mark that stands in no brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in group:
        depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if depth == 0 and token.text == mark:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def built(group: Sequence[Token]) -> list[Token]:
    """Drop what a build with our features leaves out."""
    kept: list[Token] = []
    index = 0
    while index < len(group):
        inner = index + 1 < len(group) and group[index].text == "#" and group[index + 1].text == "!"
        at = index + 1 + inner
        if group[index].text != "#" or at >= len(group) or group[at].text != "[":
            kept.append(group[index])
            index += 1
            continue
        index = end_of(group, at) + 1
        if not _holds(group[at + 1 : index - 1]):
            index = len(group) if inner else _after_item(group, index)
    return kept


def _holds(attribute: Sequence[Token]) -> bool:
    name = attribute[0].text
    if name == "feature":
        return string(attribute[2]) in FEATURES
    if name not in {"cfg", "not", "any", "all"}:
        return True
    parts = [_holds(part) for part in split(attribute[2:-1])]
    if name == "not":
        return not parts[0]
    return any(parts) if name == "any" else all(parts)


def _after_item(group: Sequence[Token], start: int) -> int:
    index = start
    declares = group[index].text in {"use", "let", "const", "static"}
    while index < len(group):
        text = group[index].text
        if text == ";":
            return index + 1
        if text in _CLOSE:
            return index
        if text in _OPEN:
            index = end_of(group, index)
            if text == "{" and not declares and not _goes_on(group, index):
                return index + 1
        index += 1
    return index


def _goes_on(group: Sequence[Token], closed: int) -> bool:
    return closed + 1 < len(group) and group[closed + 1].text in {"else", ".", "?", ";"}
