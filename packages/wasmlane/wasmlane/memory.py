"""Memory images: what a guest's memory held when the image was made, and how it is put back."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

from wasmlane.copying import Copy, fill, move
from wasmlane.errors import LaneError

_PAGE = 4096
_GRAIN = 256
# A gap shorter than this is copied with its neighbours: a foreign call costs as much as some kilobytes.
_GAP = 2048
# Python's own cost of a run beside its bytes.
_OVERHEAD = 150

Step = tuple[Copy, int, int, int]
"""(how to copy, offset, address of the bytes or 0 for zeros, length)"""


@dataclass(frozen=True, slots=True)
class Base:
    """A whole memory, as runs of bytes and gaps of zeros."""

    content: bytes
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, content: bytes) -> Base:
        """Find the runs of a memory."""
        start = address_of(content)
        steps: list[Step] = []
        at = 0
        for first, last in differing(content, bytes(len(content)), _PAGE):
            if first > at:
                steps.append(_zeros(at, first))
            steps.append((move(last - first), first, start + first, last - first))
            at = last
        if at < len(content):
            steps.append(_zeros(at, len(content)))
        return cls(content, tuple(steps))


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory as its difference to a base, which many share."""

    base: Base
    size: int
    runs: tuple[tuple[int, bytes], ...] = ()
    steps: tuple[Step, ...] = ()

    @classmethod
    def whole(cls, content: bytes) -> Memory:
        """Make a memory that is a base of its own."""
        base = Base.of(content)
        return cls(base, len(content), (), base.steps)

    def changed(self, content: bytes) -> Memory:
        """Make a memory over the same base."""
        base = self.base
        beyond = len(content) - len(base.content)
        runs = tuple(
            (first, content[first:last])
            for first, last in differing(content, base.content + bytes(beyond), _GRAIN)
        )
        extra = (_zeros(len(base.content), len(content)),) if beyond else ()
        steps = tuple((move(len(data)), at, address_of(data), len(data)) for at, data in runs)
        return Memory(base, len(content), runs, base.steps + extra + steps)

    @property
    def held(self) -> int:
        """Bytes kept for this memory alone."""
        if not self.runs and self.size == len(self.base.content):
            return sys.getsizeof(self.base.content)
        return sum(sys.getsizeof(data) + _OVERHEAD for _, data in self.runs) + len(self.base.steps) * 8

    def put(self, target: int, size: int) -> None:
        """Write the whole memory to an address that holds exactly its size."""
        if size != self.size:
            raise LaneError(f"a memory of {self.size} bytes does not fit into {size}")
        for copy, at, source, length in self.steps:
            copy(target + at, source, length)

    def content(self) -> bytes:
        """Give the whole memory."""
        whole = bytearray(self.base.content)
        whole.extend(bytes(self.size - len(whole)))
        for at, data in self.runs:
            whole[at : at + len(data)] = data
        return bytes(whole)


def _zeros(first: int, last: int) -> Step:
    return fill(last - first), first, 0, last - first


def address_of(data: bytes) -> int:
    """Give the address of an immutable object's bytes, which holds as long as the object lives."""
    return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0


def differing(one: bytes, two: bytes, grain: int) -> list[tuple[int, int]]:
    """Find where two equally long contents differ, in grains, joined over short gaps."""
    spans: list[tuple[int, int]] = []
    for first, last in _grains(one, two, grain):
        if spans and first - spans[-1][1] < _GAP:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans


def _grains(one: bytes, two: bytes, grain: int) -> list[tuple[int, int]]:
    left, right = memoryview(one), memoryview(two)
    found = []
    for start in range(0, len(one), _PAGE):
        end = min(start + _PAGE, len(one))
        if one[start:end] == two[start:end]:
            continue
        for first in range(start, end, grain):
            last = min(first + grain, end)
            if left[first:last] != right[first:last]:
                found.append((first, last))
    return found
