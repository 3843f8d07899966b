"""What callers hand over, checked before a guest is touched."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from wasmlane.errors import Misused

if TYPE_CHECKING:
    from collections.abc import Sequence

_BITS = {"i32": 32, "i64": 64}


def given(data: object) -> bytes:
    """Take what can be read as bytes."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    raise Misused(f"a guest is given bytes, not {type(data).__name__}")


def numbers_for(export: str, types: Sequence[str], numbers: Sequence[float]) -> tuple[int | float, ...]:
    """Check numbers against the types of an export; integers may be written signed or unsigned."""
    if len(numbers) != len(types):
        raise Misused(f"{export!r:.80} takes {len(types)} numbers, not {len(numbers)}")
    return tuple(_number(type_, number) for type_, number in zip(types, numbers, strict=True))


def _number(type_: str, number: object) -> int | float:
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise Misused(f"{number!r:.80} is no {type_}")
    if type_ in _BITS:
        return _whole(type_, number)
    try:
        struct.pack("<f" if type_ == "f32" else "<d", float(number))
        return float(number)
    except OverflowError:
        raise Misused(f"{number!r:.80} does not fit into {type_}") from None


def _whole(type_: str, number: float) -> int:
    bits = _BITS[type_]
    if not isinstance(number, int) or not -(1 << bits - 1) <= number < 1 << bits:
        raise Misused(f"{number!r:.80} does not fit into {type_}")
    return number - (1 << bits) if number >= 1 << bits - 1 else number
