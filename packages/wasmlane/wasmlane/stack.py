"""How much of a thread's stack is left: each guest takes its part, and running over it kills the process.

The engine gives every store its own allowance below the place where it is entered, and does not know where
the thread's stack ends. So this is asked before a guest is entered: on Linux exactly, elsewhere by
assumption.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from typing import Any

from wasmlane.guarded import frame_to_spare, guarded
from wasmlane.outcome import Kind, Stop

_KILOBYTE = 1024
# For one guest beside its own stack: the engine, the bridge, the interpreter.
_FRAMES = 128 * _KILOBYTE
# Left at the deepest place for whatever a host function does.
_RESERVE = 128 * _KILOBYTE
# In a larger stack the first guest always fits: Python's recursion limit keeps the frames before it smaller.
_ROOMY = 6 * 1024 * _KILOBYTE
# Supposed where the system does not say.
_SUPPOSED = 1024 * _KILOBYTE
_ATTRIBUTES = 128

_Visit = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


class Here(threading.local):
    """The current thread: how deep its guests are nested, and what its stack has left."""

    def __init__(self) -> None:
        self.depth = 0
        self._size, self._place = _measure()
        self.narrow = self._size < _ROOMY

    def refusal(self, nesting: int, wasm_stack: int) -> Stop | None:
        """Say why no further guest may be entered now, if it may not."""
        if self.depth >= nesting:
            return Stop(Kind.NESTING, f"guests call guests more than {nesting} deep")
        left = self._place.left() if self._place else self._size - self.depth * (wasm_stack + _FRAMES)
        needed = wasm_stack + _FRAMES + _RESERVE
        if left >= needed:
            return None
        sizes = f"has {left // _KILOBYTE:,} KB left and {needed // _KILOBYTE:,} KB are needed"
        return Stop(Kind.NESTING, f"the thread's stack of {self._size // _KILOBYTE:,} KB {sizes}")


class _Place:
    """Tells where in its stack the current thread is."""

    def __init__(self, library: Any, low: int) -> None:
        self._low = low
        self._seen = low
        self._failure: BaseException | None = None
        self._ask = library.dl_iterate_phdr
        self._visit = _Visit(self._look)

    def left(self) -> int:
        """Give the bytes between here and the stack's end."""
        self._seen, self._failure = self._low, None
        frame_to_spare()
        self._ask(self._visit, None)
        if self._failure is not None:
            raise self._failure
        return self._seen - self._low

    @guarded
    def _look(self, local: int, _size: int, _data: int | None) -> int:
        # The C library describes each loaded object in a variable of its own, which lies on this stack.
        try:
            self._seen = local
        except BaseException as failure:  # noqa: BLE001 — of a signal handler, and raised again
            self._failure = failure
        return 1


def _measure() -> tuple[int, _Place | None]:
    """Find the current thread's stack."""
    if sys.platform != "linux":
        return threading.stack_size() or _SUPPOSED, None
    try:
        library = ctypes.CDLL(None)
        low, size = _bounds(library)
        return size, _Place(library, low)
    except (AttributeError, OSError):
        return _SUPPOSED, None


def _bounds(library: Any) -> tuple[int, int]:
    attributes = ctypes.create_string_buffer(_ATTRIBUTES)
    library.pthread_self.restype = ctypes.c_void_p
    if library.pthread_getattr_np(ctypes.c_void_p(library.pthread_self()), attributes):
        raise OSError("the thread's attributes cannot be read")
    low, size, guard = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_size_t()
    library.pthread_attr_getstack(attributes, ctypes.byref(low), ctypes.byref(size))
    library.pthread_attr_getguardsize(attributes, ctypes.byref(guard))
    library.pthread_attr_destroy(attributes)
    return (low.value or 0) + guard.value, size.value
