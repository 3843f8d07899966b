"""The one JSON parser for everything that comes in, and the one way to write JSON out.

Doors, plugins' answers and JSON manifests pass here. It is the standard library's C scanner with its leniency
taken away: UTF-8 only, no NaN or overflow, no repeated key, no lone surrogate, integers of 64 bits, bounded
nesting. Cheap searches over the bytes decide which of the slower checks a text needs at all.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import isinf
from typing import TYPE_CHECKING, NoReturn, cast

from neira.errors.input import BadJson
from neira.parse.fields import quoted
from neira.parse.json_places import offset_of_repeat, offset_of_token, position
from neira.parse.placed import DEPTH

if TYPE_CHECKING:
    from neira.model import Json

LARGEST_INT = 2**63 - 1  # what an engine's integers hold; the smallest is its negative

_BOM = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_TO_PAIRS = bytes.maketrans(b"[]{}", b"()()")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_TO_ZEROS = bytes.maketrans(b"123456789E", b"000000000e")
_WIDE = (b"0" * 19, b"e000", b"e+000")  # only such can leave 64 bits or overflow a float
_LONGEST_INT = 20
_SEARCHED = 100_000
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F])|.)", re.DOTALL
)


class NotJson(ValueError):
    """A value that has no JSON form: NaN, a lone surrogate, a foreign type, endless nesting."""


class _RepeatedKey(ValueError):
    """A key stands twice in one object."""


class _ZeroInKey(ValueError):
    """A key holds U+0000."""


class _BadNumber(ValueError):
    """A number token that is refused."""

    def __init__(self, token: str, reason: str) -> None:
        super().__init__(reason)
        self.token = token


def loads(raw: bytes, *, depth: int = DEPTH) -> Json:
    """Read one JSON value from bytes, or refuse them with the place of the flaw."""
    text = _text(raw)
    check_depth(raw, depth)
    if b"\\u" in raw:
        _check_surrogates(raw)
    decoder = _SLOW if _may_overflow(raw) else _FAST
    try:
        value = cast("Json", decoder.decode(text))
        if b"\\u0000" in raw:
            json.loads(text, object_pairs_hook=_check_zero_keys)
    except json.JSONDecodeError as error:
        reason = "it is empty" if not text.strip() else _lower(error.msg)
        raise BadJson(reason, error.lineno, error.colno) from None
    except _RepeatedKey as error:
        raise BadJson(f"the key {error} stands twice", *_repeat(text)) from None
    except _ZeroInKey:
        raise BadJson("a key holds U+0000") from None
    except _BadNumber as error:
        raise BadJson(str(error), *position(text, offset_of_token(text, error.token))) from None
    return value


def dumps(value: Json) -> str:
    """Write a value compactly, or refuse what JSON or UTF-8 cannot say."""
    try:
        text = _COMPACT.encode(value)
        if not text.isascii():
            text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson("a string holds a lone surrogate") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise NotJson(f"not JSON: {str(error)[:100]}") from None
    return text


def check_depth(raw: bytes, depth: int) -> None:
    """Refuse brackets nested deeper than allowed; time grows with the text, never with the nesting."""
    if raw.count(b"[") + raw.count(b"{") <= depth:
        return
    brackets = _STRING.sub(b"", raw).translate(_TO_PAIRS, _NOT_BRACKETS)
    for _ in range(depth):
        inner = brackets.replace(b"()", b"")  # one level less, everywhere at once
        if len(inner) == len(brackets):
            break
        brackets = inner
    if b"()" in brackets or brackets.count(b"(") > depth:
        raise BadJson(f"it is nested deeper than {depth} levels")


def _text(raw: bytes) -> str:
    if raw.startswith(_BOM):
        raise BadJson("it begins with a byte order mark; send UTF-8 without one", 1, 1)
    if b"\0" in raw[:4]:
        raise BadJson("it is not UTF-8 but looks like UTF-16 or UTF-32", 1, 1)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        raise BadJson("it is not UTF-8", *position(before, len(before))) from None


def _check_surrogates(raw: bytes) -> None:
    """Refuse an escaped half of a pair that stands alone."""
    if b"\\ud" not in raw and b"\\uD" not in raw:
        return
    for escape in _ESCAPE.finditer(raw):
        if escape.lastgroup:
            before = raw[: escape.start()].decode("utf-8")
            raise BadJson("a string holds a lone surrogate", *position(before, len(before)))


def _repeat(text: str) -> tuple[int, int] | tuple[()]:
    """Find a repeated key, unless the text is so long that finding it would cost more than reading it."""
    return position(text, offset_of_repeat(text)) if len(text) <= _SEARCHED else ()


def _may_overflow(raw: bytes) -> bool:
    """Tell whether some number may be too wide; strings can only make this too careful."""
    shape = raw.translate(_TO_ZEROS)  # ten times faster than a pattern over long lists of points
    return any(mark in shape for mark in _WIDE)


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counts = Counter(key for key, _ in pairs)
    raise _RepeatedKey(quoted(next(key for key, count in counts.items() if count > 1)))


def _check_zero_keys(pairs: list[tuple[str, Json]]) -> None:
    if any("\0" in key for key, _ in pairs):
        raise _ZeroInKey


def _constant(token: str) -> NoReturn:
    raise _BadNumber(token, f"{token} is not a JSON number")


def _int(token: str) -> int:
    if len(token) > _LONGEST_INT or abs(number := int(token)) > LARGEST_INT:
        raise _BadNumber(token, f"an integer is outside ±{LARGEST_INT}; send it as a string")
    return number


def _float(token: str) -> float:
    number = float(token)
    if isinf(number):
        raise _BadNumber(token, "a number is too large for a 64-bit float")
    return number


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


_NO_LISTS = (bytes, bytearray, memoryview, range)  # a range is two numbers that may stand for a whole disk


def _plain(value: object) -> Json:
    """Let frozen maps and other sequences be written too."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, _NO_LISTS):
        return list(value)
    raise TypeError(f"a {type(value).__name__} has no JSON form")


# json.dumps would make one for each call.
_COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)


_FAST = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_constant)
_SLOW = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_constant, parse_int=_int, parse_float=_float
)
