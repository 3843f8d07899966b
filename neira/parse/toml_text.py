"""Manifest TOML: the standard library's reader, with its costs and its further types fenced in.

Called by `document`. Dates and numbers that JSON has not are refused; so are long dotted keys and deep
nesting, since the reader takes quadratic time for the one and recurses into the other.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, cast

from neira.errors.input import BadToml
from neira.parse.fields import dotted
from neira.parse.placed import DEPTH, NODES, Document, Steps
from neira.parse.strict_json import LARGEST_INT

if TYPE_CHECKING:
    from neira.model import Json

_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
KEY_PARTS = 16  # of a dotted key; a long one costs its square
_LONG_KEY = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{KEY_PARTS}}}")
_AT_LINE = re.compile(r"^(.*) \(at line ([0-9]+), column [0-9]+\)$", re.DOTALL)


def load(raw: bytes, *, depth: int = DEPTH, nodes: int = NODES) -> Document:
    """Read one TOML document, or refuse it."""
    text = _text(raw)
    try:
        value = tomllib.loads(text)
    except RecursionError:
        raise BadToml(f"it is nested deeper than {depth} levels") from None
    except ValueError as error:  # also what int() says of 5,000 digits
        found = _AT_LINE.match(str(error))
        raise BadToml(*((found[1], int(found[2])) if found else (str(error), None))) from None
    _check(value, depth, nodes)
    return Document(cast("Json", value), _no_lines)


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadToml("it is not UTF-8", raw.count(b"\n", 0, error.start) + 1) from None
    if (at := text.find("\ufeff")) >= 0:
        raise BadToml("it holds a byte order mark", text.count("\n", 0, at) + 1)
    if long := _LONG_KEY.search(text):
        raise BadToml(f"a key has more than {KEY_PARTS} parts", text.count("\n", 0, long.start()) + 1)
    return text


def _check(value: object, depth: int, nodes: int) -> None:
    """Walk the whole value once, without recursion."""
    waiting: list[tuple[object, Steps]] = [(value, ())]
    while waiting:
        held, path = waiting.pop()
        nodes -= 1
        if nodes < 0:
            raise BadToml("it has too many parts")
        if isinstance(held, dict):
            waiting += [(part, (*path, _key(key, path))) for key, part in held.items()]
        elif isinstance(held, list):
            waiting += [(part, (*path, index)) for index, part in enumerate(held)]
        else:
            _check_scalar(held, path)
            continue
        if len(path) >= depth:
            raise BadToml(f"it is nested deeper than {depth} levels")


def _key(key: str, path: Steps) -> str:
    if "\0" in key:
        raise BadToml(f"a key in {dotted(path) or 'the document'} holds U+0000")
    return key


def _check_scalar(value: object, path: Steps) -> None:
    match value:
        case bool() | str():
            return
        case int() if abs(value) <= LARGEST_INT:
            return
        case float() if abs(value) != float("inf") and value == value:  # noqa: PLR0124  (not NaN)
            return
        case int() | float():
            raise BadToml(f"{dotted(path)} is a number that JSON has not")
        case _:
            raise BadToml(f"{dotted(path)} is a date or time; write it as a string")


def _no_lines(_: Steps) -> None:
    """Know no lines: the reader does not tell them."""
    return
