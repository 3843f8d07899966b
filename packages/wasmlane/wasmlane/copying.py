"""Copying bytes by their addresses.

A copy that takes long lets other threads have the interpreter meanwhile. A short one keeps it: to give it
away and wait for it again costs more than the copy as soon as two threads want it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

LONG = 256 * 1024
"""Bytes from which a copy counts as long: some microseconds."""

Copy = Callable[[int, Any, int], object]
"""(target, source or the byte to fill with, length)"""

_ADDRESS, _SIZE = ctypes.c_void_p, ctypes.c_size_t


def _keeping(function: Any, *arguments: Any) -> Copy:
    """Make the same C function one that keeps the interpreter."""
    address = ctypes.cast(function, _ADDRESS).value
    return ctypes.PYFUNCTYPE(_ADDRESS, *arguments)(address or 0)


move_short: Copy = _keeping(ctypes.memmove, _ADDRESS, _ADDRESS, _SIZE)
fill_short: Copy = _keeping(ctypes.memset, _ADDRESS, ctypes.c_int, _SIZE)


def move(length: int) -> Copy:
    """Choose the way to move bytes."""
    return ctypes.memmove if length >= LONG else move_short


def fill(length: int) -> Copy:
    """Choose the way to fill with one byte."""
    return ctypes.memset if length >= LONG else fill_short
