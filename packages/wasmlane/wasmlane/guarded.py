"""Functions that C code calls, from which no exception gets out, not even one between two instructions.

CPython runs signal handlers when a function is entered, before its first `try`. What a handler raises there
would leave the callback without a result, and ctypes would then hand the engine whatever lay on the stack as
the address of a trap: one Ctrl-C at the wrong moment, and the process is gone. So the reach of the first
`try` is widened to the function's very beginning.
"""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    F = TypeVar("F", bound=Callable[..., Any])

# The table of handlers is a row of numbers, six bits a byte, most significant first, four for each entry:
# start, length, target, depth. The first byte of an entry has one bit more.
_MORE, _FIRST, _LOW = 0x40, 0x80, 0x3F


def guarded(function: F) -> F:
    """Let the first handler of a function hold from the function's first instruction."""
    if sys.implementation.name != "cpython":
        return function
    code = function.__code__
    table = code.co_exceptiontable
    start, at = _number(table, 0)
    length, at = _number(table, at)
    widened = _written(0, _FIRST) + _written(start + length, 0) + table[at:]
    function.__code__ = code.replace(co_exceptiontable=widened)
    return function


def _number(table: bytes, at: int) -> tuple[int, int]:
    value = table[at] & _LOW
    while table[at] & _MORE:
        at += 1
        value = value << 6 | table[at] & _LOW
    return value, at + 1


def _written(value: int, mark: int) -> bytes:
    groups = [value & _LOW]
    while value := value >> 6:
        groups.append(value & _LOW | _MORE)
    groups[-1] |= mark
    return bytes(reversed(groups))


def _nothing() -> None:
    return None


# Called right before C code that calls back, and as deep as the callback will be: so it is here that Python's
# recursion limit strikes, and never when a callback is entered, where the error could not be caught.
frame_to_spare = functools.partial(_nothing)
