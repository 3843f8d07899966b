"""What the engine calls on the raw road when a guest calls its host."""

from __future__ import annotations

import ctypes
import struct
from typing import TYPE_CHECKING

from wasmlane.guarded import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wasmlane.roads.raw import RawInstance

CELL = 16
_BITS = {"i32": "I12x", "i64": "Q8x"}


def callback(instances: Mapping[int, RawInstance], number: int, params: Sequence[str]) -> Callable[..., int]:
    """Make what the engine calls for one import; instances are found by the environment that it passes."""
    unpack = struct.Struct("<" + "".join(_BITS[each] for each in params)).unpack
    size = CELL * len(params)

    def enter(me: int, _caller: int, cells: int, _count: int) -> int:
        try:
            instance = instances[me]
            answer = instance.answer(number, unpack(ctypes.string_at(cells, size)))
            if answer is not None:
                ctypes.c_uint64.from_address(cells).value = answer
                return 0
            trap, instance.spare, instance.second_spare = instance.spare, instance.second_spare, 0
            return trap  # noqa: TRY300 — an `else` would lie outside the guard
        except BaseException as failure:  # noqa: BLE001 — the frames below are not Python's
            # Nothing may be called from here on: after a call a second signal could strike.
            instance = instances[me]
            instance.failure = failure
            trap, instance.spare, instance.second_spare = instance.spare, instance.second_spare, 0
            return trap

    return guarded(enter)
