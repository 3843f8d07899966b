"""Memory images: put back exactly, kept as differences."""

from __future__ import annotations

import ctypes
import itertools

import pytest
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from wasmlane import LaneError
from wasmlane.memory import Memory, differing

PAGE = 65536


def contents() -> st.SearchStrategy[bytes]:
    """Make memories that are mostly zero."""
    runs = st.lists(st.tuples(st.integers(0, 2 * PAGE - 1), st.binary(min_size=1, max_size=5000)), max_size=8)
    return st.tuples(st.sampled_from([PAGE, 2 * PAGE]), runs).map(written)


def written(plan: tuple[int, list[tuple[int, bytes]]]) -> bytes:
    """Write runs into zeros."""
    size, runs = plan
    memory = bytearray(2 * PAGE)
    for at, data in runs:
        memory[at : at + len(data)] = data
    return bytes(memory[:size])


def put(memory: Memory) -> bytes:
    """Put a memory into a place full of something else."""
    place = ctypes.create_string_buffer(b"\xaa" * memory.size, memory.size)
    memory.put(ctypes.addressof(place), memory.size)
    return place.raw


@tuned(max_examples=60, deadline=None)
@given(contents(), contents())
def test_what_is_put_back_is_what_was_kept(first: bytes, second: bytes) -> None:
    """For whole memories, and for differences to a base that is not larger."""
    base = Memory.whole(first)
    assert put(base) == base.content() == first
    if len(second) >= len(first):
        changed = base.changed(second)
        assert put(changed) == changed.content() == second
        assert put(changed.changed(first + bytes(len(second) - len(first)))) == first + bytes(
            len(second) - len(first)
        )


@tuned(max_examples=60, deadline=None)
@given(contents(), st.sampled_from([16, 256, 4096]))
def test_differences_cover_each_change_in_order(content: bytes, grain: int) -> None:
    """Spans are apart, and outside of them nothing differs."""
    zeros = bytes(len(content))
    spans = differing(content, zeros, grain)
    rest = bytearray(content)
    for first, last in spans:
        rest[first:last] = bytes(last - first)
    assert bytes(rest) == zeros
    assert all(last <= following for (_, last), (following, _) in itertools.pairwise(spans))


def test_small_changes_are_small() -> None:
    """One byte in a megabyte costs less than a page."""
    base = Memory.whole(bytes(1 << 20))
    changed = base.changed(bytes(1 << 19) + b"x" + bytes((1 << 19) - 1))
    assert changed.held < 2048
    assert base.held > 1 << 20


def test_a_memory_is_not_put_where_it_does_not_fit() -> None:
    """Nothing is written."""
    with pytest.raises(LaneError):
        Memory.whole(bytes(PAGE)).put(1, PAGE - 1)
