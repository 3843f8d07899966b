"""Reading the values that Rust tests expect."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .rust_text import Token, joined, split, string

if TYPE_CHECKING:
    from collections.abc import Sequence

_CONSTANTS: dict[str, object] = {
    "true": True,
    "false": False,
    "()": None,
    "Dynamic::UNIT": None,
    "INT::MAX": 2**63 - 1,
    "INT::MIN": -(2**63),
    "i64::MAX": 2**63 - 1,
    "i64::MIN": -(2**63),
}
# Endings that only please Rust's types.
_ENDING = re.compile(r"(\.(to_string|into|to_vec|to_owned)\(\)|asINT|asFLOAT|asi64|asf64)$")
_SUFFIX = re.compile(r"_?(i|u)(8|16|32|64|128|size)$|_?f(32|64)$")


class NotPlain(ValueError):
    """The expected value is computed: only Rust can tell it."""


def value(group: Sequence[Token]) -> object:
    """Read a literal, or refuse."""
    group = _bare(group)
    text = joined(group)
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(group) == 1:
        return _single(group[0])
    if text.startswith("-") and len(group) == 2:  # noqa: PLR2004 - a sign and a number
        number = _single(group[1])
        if isinstance(number, int | float):
            return -number
    if text.startswith("vec![") and text.endswith("]"):
        return [value(part) for part in split(group[3:-1])]
    if text.startswith("[") and text.endswith("]") and len(split(group[1:-1], ";")) == 1:
        return [value(part) for part in split(group[1:-1])]
    if text == "[]":
        return []
    raise NotPlain(text)


def in_rhai(held: object) -> str:
    """Write a plain value as Rhai text."""
    match held:
        case None:
            return "()"
        case bool():
            return str(held).lower()
        case str():
            return json.dumps(held, ensure_ascii=False)
        case int() | float():
            return repr(held)
    raise NotPlain(repr(held))


def _bare(group: Sequence[Token]) -> Sequence[Token]:
    while group:
        text = joined(group)
        ending = _ENDING.search(text)
        if text.startswith("&"):
            group = group[1:]
        elif ending and len(group) > 1:
            group = _without(group, len(ending[0]))
        elif text.startswith("(") and text.endswith(")") and len(split(group)) == 1 and text != "()":
            group = group[1:-1]
        else:
            break
    return group


def _without(group: Sequence[Token], length: int) -> Sequence[Token]:
    end = len(group)
    while length > 0:
        end -= 1
        length -= len(group[end].text)
    return group[:end]


def _single(token: Token) -> object:
    if token.kind in {"string", "raw", "char"} and not token.text.startswith("b"):
        return string(token)
    if token.kind == "number":
        return _number(token.text)
    raise NotPlain(token.text)


def _number(text: str) -> int | float:
    if not text.startswith(("0x", "0o", "0b")):
        text = _SUFFIX.sub("", text)
    try:
        return int(text, 0)
    except ValueError:
        return float(text)
