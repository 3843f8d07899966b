"""Values both ways.

Inwards: `marshal`, which Python writes four times as fast as JSON and with exact types; the guest reads it.
Outwards: JSON, because nothing that comes out of a sandbox may be unmarshalled.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Mapping, Sequence

from rhai.errors import ConversionError, Story

# Version 2: no references between values, the same bytes from every Python.
_VERSION = 2
_MAX_DEPTH = 128
_TAG = "\0"
_decode = json.JSONDecoder().raw_decode


def inward(value: object, path: str = "") -> bytes:
    """Write a value for the guest; what it cannot hold is refused with the path.

    >>> len(inward({"size": 4, "points": [1.5, None]})) > 0
    True
    """
    try:
        return marshal.dumps(value, _VERSION)  # type: ignore[arg-type]  # what it cannot write it refuses
    except ValueError:
        # Something that is not exactly a plain type, or too deep: look at each value in turn.
        return marshal.dumps(plain(value, path), _VERSION)  # type: ignore[arg-type]  # plain types only


def outward(text: str, *, tagged: bool) -> object:
    r"""Read a value that the guest wrote.

    >>> outward('{"\\u0000": "range", "v": [0, 3]}', tagged=True)
    range(0, 3)
    """
    value, _ = _decode(text)
    return _untagged(value) if tagged else value


def plain(value: object, path: str, depth: int = 0) -> object:  # noqa: PLR0911 - one for each type
    """Answer the same value made of plain types only, or refuse what has no counterpart, with its path."""
    if depth > _MAX_DEPTH:
        raise misfit(f"nested deeper than {_MAX_DEPTH} levels (or contains itself)", path)
    match value:
        case None | bool():
            return value
        case int():
            return _whole(int(value), path)
        case float():
            return float(value)
        case str():
            return _unicode(str.__str__(value), path)
        case bytes() | bytearray() | memoryview():
            return bytes(value)
        case Mapping():
            return {
                _key(key, path): plain(held, _member(path, key), depth + 1) for key, held in value.items()
            }
        case Sequence():
            return [plain(held, f"{path}[{index}]", depth + 1) for index, held in enumerate(value)]
    raise misfit(f"a {type(value).__name__} has no counterpart in Rhai{_advice(value)}", path)


def _whole(number: int, path: str) -> int:
    if not -(2**63) <= number < 2**63:
        raise misfit("an integer outside the 64 bits of Rhai", path)
    return number


def _unicode(text: str, path: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise misfit("text with a lone surrogate: it is no Unicode text", path) from None
    return text


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise misfit(f"the key {key!r:.60} is no string: Rhai's maps have only string keys", path)
    return _unicode(str.__str__(key), path)


def _member(path: str, key: object) -> str:
    return f"{path}.{key}" if isinstance(key, str) and key.isidentifier() else f"{path}[{key!r:.60}]"


def _advice(value: object) -> str:
    if isinstance(value, (set, frozenset)):
        return ": send a sorted list"
    if hasattr(value, "isoformat"):
        return ": send value.isoformat() or value.timestamp()"
    if hasattr(value, "__dataclass_fields__"):
        return ": send dataclasses.asdict(value)"
    return ""


def misfit(why: str, path: str) -> ConversionError:
    """Make the error for a value that cannot cross."""
    where = path or "the value itself"
    return ConversionError(Story("conversion", f"{why} (at {where})"), path)


def _untagged(value: object) -> object:
    if isinstance(value, list):
        return [_untagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(_TAG)
    if kind is None:
        return {key: _untagged(held) for key, held in value.items()}
    held = value["v"]
    if kind == "bytes":
        return bytes.fromhex(held)
    if kind == "map":
        return {key: _untagged(inner) for key, inner in held.items()}
    return range(held[0], held[1] + (kind == "range="))
