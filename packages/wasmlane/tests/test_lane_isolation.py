"""Every call starts from the image and leaves nothing behind."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from wasmlane import Answer, Kind, Lane, Limits, Trapped

if TYPE_CHECKING:
    from collections.abc import Callable

    Framed = Callable[..., str]  # writes a guest around its functions

COUNTERS = """
  (global $count (mut i64) (i64.const 0))
  (func (export "next") (param i32 i32) (result i64)
    (i32.store8 (i32.const 16) (i32.add (i32.load8_u (i32.const 16)) (i32.const 1)))
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (i32.store8 (i32.const 17) (i32.wrap_i64 (global.get $count)))
    (call $pack (i32.const 16) (i32.const 2)))
  (func (export "echo") (param i32 i32) (result i64) (call $pack (local.get 0) (local.get 1)))
  (func (export "grow") (param i32 i32) (result i64)
    (drop (memory.grow (i32.const 3)))
    (i32.store (i32.const 200000) (i32.const -1))
    (call $pack (i32.const 200000) (i32.const 4)))
  (func (export "scribble") (param i32 i32) (result i64)
    (memory.fill (i32.const 0) (i32.const 255) (i32.const 65536))
    (global.set $free (i32.const 7))
    (call $pack (i32.const 0) (i32.const 1)))
  (func (export "fail") (param i32 i32) (result i64)
    (memory.fill (i32.const 0) (i32.const 238) (i32.const 65536))
    (global.set $count (i64.const 99))
    (unreachable))
  (func (export "begin")
    (i32.store8 (i32.const 16) (i32.const 10))
    (global.set $count (i64.const 20)))
"""


def data_of(ended: Answer | Trapped) -> bytes:
    """Take the answer's bytes; anything else is a failure."""
    assert isinstance(ended, Answer), ended
    return ended.data


def test_a_call_finds_nothing_of_the_last(lane: Lane, framed: Framed) -> None:
    """A counter in memory and one in a global always answer one."""
    image = lane.load(framed(COUNTERS))
    assert {data_of(image.call("next", b"x")) for _ in range(5)} == {b"\x01\x01"}


def test_setup_runs_before_every_call_and_once(lane: Lane, framed: Framed) -> None:
    """What the set-up export left is where each call begins."""
    image = lane.load(framed(COUNTERS), setup=["begin"])
    assert {data_of(image.call("next", b"")) for _ in range(3)} == {bytes([11, 21])}


@pytest.mark.parametrize("spoiler", ["grow", "scribble", "fail"])
def test_growth_scribbling_and_traps_stay_in_their_call(lane: Lane, framed: Framed, spoiler: str) -> None:
    """Whatever a call did to its world, the next one is in the old one."""
    image = lane.load(framed(COUNTERS))
    for _ in range(10):
        image.call(spoiler, b"abc")
        assert data_of(image.call("next", b"abc")) == b"\x01\x01"
        assert data_of(image.call("echo", b"abc")) == b"abc"


def test_five_hundred_mixed_calls_leave_the_image_byte_for_byte(lane: Lane, framed: Framed) -> None:
    """A memory that was used for anything equals the image again."""
    image = lane.load(framed(COUNTERS + DUMP), reserve=64)
    before = data_of(image.call("dump", b"", limits=WIDE))
    chance = random.Random(5)
    for _ in range(500 if image.restorable else 50):
        image.call(chance.choice(["next", "echo", "grow", "scribble", "fail"]), bytes(chance.randrange(200)))
    assert data_of(image.call("dump", b"", limits=WIDE)) == before


DUMP = '(func (export "dump") (param i32 i32) (result i64) (call $pack (i32.const 0) (i32.const 65536)))'
WIDE = Limits(output=1 << 20)


def test_advancing_makes_a_new_image_and_leaves_the_old_one(lane: Lane, framed: Framed) -> None:
    """Each image counts from where it was made, in any order."""
    images = [lane.load(framed(COUNTERS), reserve=16)]
    for _ in range(3):
        made = images[-1].advance("next", b"x")
        assert not isinstance(made, Trapped)
        images.append(made[1])
    expected = [bytes([n, n]) for n in (1, 2, 3, 4)]
    assert [data_of(image.call("next", b"x")) for image in images] == expected
    assert [data_of(image.call("next", b"x")) for image in reversed(images)] == expected[::-1]


def test_an_image_may_be_larger_than_its_parent(lane: Lane, framed: Framed) -> None:
    """What a call grew is part of the image that it became."""
    small = lane.load(framed(COUNTERS))
    made = small.advance("grow", b"")
    assert not isinstance(made, Trapped)
    large = made[1]
    assert [small.memory, large.memory] == [65536, 4 * 65536]
    for _ in range(3):
        answers = [small.call("next", b""), large.call("next", b"")]
        assert [isinstance(each, Answer) and each.cost.memory for each in answers] == [65536, 4 * 65536]


def test_an_image_larger_than_the_limit_is_not_called(lane: Lane, framed: Framed) -> None:
    """The limit of memory counts what a guest begins with."""
    image = lane.load(framed(COUNTERS))
    ended = image.call("next", b"", limits=Limits(memory=1000))
    assert isinstance(ended, Trapped)
    assert ended.kind == Kind.MEMORY


def test_a_trap_while_advancing_makes_no_image(lane: Lane, framed: Framed) -> None:
    """Only calls that came back are steps."""
    ended = lane.load(framed(COUNTERS)).advance("fail", b"")
    assert isinstance(ended, Trapped)
    assert ended.kind == Kind.UNREACHABLE


def test_derived_images_hold_only_what_differs(framed: Framed) -> None:
    """A step that changed two bytes does not cost a memory."""
    with Lane() as lane:
        base = lane.load(framed(COUNTERS, pages="16"))
        made = base.advance("next", b"")
        assert not isinstance(made, Trapped)
        assert made[1].size < 4096


def test_inputs_go_to_the_reserved_place_if_they_fit(lane: Lane, framed: Framed) -> None:
    """Small inputs lie where `alloc` once said, larger ones where it says now."""
    where = """(func (export "where") (param i32 i32) (result i64)
      (i32.store (i32.const 64) (local.get 0)) (call $pack (i32.const 64) (i32.const 4)))"""
    image = lane.load(framed(where), reserve=100)
    places = [
        int.from_bytes(data_of(image.call("where", bytes(size))), "little") for size in (0, 1, 100, 101, 500)
    ]
    assert places == [4096, 4096, 4096, 4196, 4196]
