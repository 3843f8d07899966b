"""Whatever a hostile guest does, the call ends in a value, and the next call is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wasmlane import Answer, Kind, Lane, Limits, ModuleRefused, Settings, SetupFailed, Trapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmlane.settings import RoadName

    Framed = Callable[..., str]  # writes a guest around its functions

FINE = '(func (export "fine") (param i32 i32) (result i64) (call $pack (local.get 0) (local.get 1)))'


def data_of(ended: Answer | Trapped) -> bytes:
    """Take the answer's bytes; anything else is a failure."""
    assert isinstance(ended, Answer), ended
    return ended.data


def run(body: str) -> str:
    """Write an export that does this and answers nothing."""
    return f'(func $run (export "run") (param i32 i32) (result i64) {body} (i64.const 0))'


ENDS = {
    "an endless loop": ("(loop $l (br $l))", Kind.FUEL),
    "giving up": ("(unreachable)", Kind.UNREACHABLE),
    "dividing by zero": ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", Kind.ARITHMETIC),
    "dividing too far": ("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", Kind.ARITHMETIC),
    "making an integer of NaN": ("(drop (i32.trunc_f64_s (f64.const nan)))", Kind.ARITHMETIC),
    "calling an empty place": ("(drop (call_indirect $none (result i32) (i32.const 1)))", Kind.TABLE),
    "calling beyond the table": ("(drop (call_indirect $none (result i32) (i32.const 99)))", Kind.TABLE),
    "calling by a wrong type": ("(drop (call_indirect $none (result i32) (i32.const 0)))", Kind.TABLE),
    "reading beyond memory": ("(drop (i32.load (i32.const -4)))", Kind.BOUNDS),
    "filling beyond memory": ("(memory.fill (i32.const 65535) (i32.const 1) (i32.const 2))", Kind.BOUNDS),
    "calling itself for ever": ("(drop (call $run (i32.const 0) (i32.const 0)))", Kind.STACK),
}
TABLE = "(table $none 3 funcref) (elem (table $none) (i32.const 0) func $pack)"
ROADS: list[RoadName] = ["raw", "wrapped"]
SMALL = Limits(fuel=5_000_000, timeout_ms=5000)


@pytest.mark.parametrize("way", ENDS)
def test_each_way_to_fail_has_its_kind(lane: Lane, framed: Framed, way: str) -> None:
    """A trap is a value that says what happened, and the next call is right."""
    body, kind = ENDS[way]
    image = lane.load(framed(TABLE + run(body) + FINE), limits=SMALL)
    for _ in range(3):
        ended = image.call("run", b"x")
        assert isinstance(ended, Trapped)
        assert (ended.kind, ended.cause, ended.autopsy) == (kind, None, None)
        assert data_of(image.call("fine", b"still")) == b"still"


def test_a_thousand_overflows_in_a_row(lane: Lane, framed: Framed) -> None:
    """Running out of stack costs nothing that stays."""
    image = lane.load(framed(TABLE + run(ENDS["calling itself for ever"][0]) + FINE))
    kinds = {getattr(image.call("run", b""), "kind", "answer") for _ in range(1000)}
    assert kinds == {Kind.STACK}
    assert isinstance(image.call("fine", b""), Answer)


def test_fuel_stops_at_the_same_place_each_time(lane: Lane, framed: Framed) -> None:
    """Equal calls cost equal fuel, and exactly all of it when it runs out."""
    image = lane.load(framed(run(ENDS["an endless loop"][0]) + FINE), limits=SMALL)
    assert {image.call("fine", b"12345").cost.fuel for _ in range(5)} == {
        image.call("fine", b"12345").cost.fuel
    }
    assert image.call("run", b"").cost.fuel == SMALL.fuel


def test_both_roads_count_the_same_fuel(framed: Framed) -> None:
    """Which road runs cannot be told from the cost."""
    costs = set()
    for road in ROADS:
        with Lane(Settings(road=road)) as lane:
            image = lane.load(framed(FINE))
            costs.add(image.call("fine", b"abc").cost._replace(elapsed_ms=0))
    assert len(costs) == 1


@pytest.mark.parametrize("road", ROADS)
def test_time_stops_what_has_no_fuel_limit(framed: Framed, road: RoadName) -> None:
    """With fuel switched off the clock alone stops an endless loop."""
    with Lane(Settings(fuel=False, road=road)) as lane:
        image = lane.load(framed(run("(loop $l (br $l))") + FINE), limits=Limits(timeout_ms=30))
        for _ in range(3):
            ended = image.call("run", b"")
            assert isinstance(ended, Trapped)
            assert ended.kind == Kind.TIME
            assert ended.cost.fuel == 0
            assert ended.cost.elapsed_ms >= 30
            assert isinstance(image.call("fine", b""), Answer)


OUTSIDE = [
    (65520, 4096),
    (0xFFFFFFFA, 6),
    (0, 0xFFFFFFFF),
    (0x7FFFFFFF, 0xFFFFFFFF),
    (65536, 1),
    (0xFFFFFFFF, 1),
]


@pytest.mark.parametrize(("at", "length"), OUTSIDE)
def test_answers_outside_of_memory_are_not_read(lane: Lane, framed: Framed, at: int, length: int) -> None:
    """Addresses are unsigned, and their sums are counted in 64 bits."""
    packed = at << 32 | length
    image = lane.load(
        framed(f'(func (export "run") (param i32 i32) (result i64) (i64.const {packed}))' + FINE)
    )
    ended = image.call("run", b"", limits=Limits(output=1 << 40))
    assert isinstance(ended, Trapped)
    assert ended.kind == Kind.BAD_POINTER
    assert isinstance(image.call("fine", b""), Answer)


@pytest.mark.parametrize(("packed", "length"), [(0, 0), (65536 << 32, 0), (65535 << 32 | 1, 1)])
def test_answers_at_the_edge_are_read(lane: Lane, framed: Framed, packed: int, length: int) -> None:
    """Nothing is an answer, and so is the last byte."""
    image = lane.load(framed(f'(func (export "run") (param i32 i32) (result i64) (i64.const {packed}))'))
    ended = image.call("run", b"")
    assert isinstance(ended, Answer)
    assert ended.data == bytes(length)
    assert ended.cost.output == length


def test_an_answer_in_grown_memory_is_read(lane: Lane, framed: Framed) -> None:
    """Bounds are those after the call."""
    body = """(func (export "run") (param i32 i32) (result i64)
      (drop (memory.grow (i32.const 1)))
      (i32.store8 (i32.const 70000) (i32.const 33))
      (call $pack (i32.const 70000) (i32.const 1)))"""
    ended = lane.load(framed(body)).call("run", b"")
    assert isinstance(ended, Answer)
    assert ended.data == b"!"


def test_large_answers_are_stopped(lane: Lane, framed: Framed) -> None:
    """The limit of output counts before anything is copied."""
    image = lane.load(framed(FINE))
    ended = image.call("fine", bytes(101), limits=Limits(output=100))
    assert isinstance(ended, Trapped)
    assert ended.kind == Kind.OUTPUT
    assert isinstance(image.call("fine", bytes(100), limits=Limits(output=100)), Answer)


ALLOCS = {
    "gives up": ("(unreachable)", Kind.ALLOC),
    "runs for ever": ("(loop $l (br $l)) (i32.const 0)", Kind.FUEL),
    "overflows": ("(call $alloc (local.get 0))", Kind.STACK),
    "answers -16": ("(i32.const -16)", Kind.ALLOC),
    "answers -1": ("(i32.const -1)", Kind.ALLOC),
    "answers too near the end": ("(i32.const 65530)", Kind.ALLOC),
    "answers nothing": ("(i32.const 0)", Kind.ALLOC),
}
HOSTILE = """(module (memory (export "memory") 1 {most})
  (func $alloc (export "alloc") (param i32) (result i32) {body})
  (func (export "echo") (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))"""


@pytest.mark.parametrize("way", ALLOCS)
def test_hostile_allocs_end_in_values(lane: Lane, way: str) -> None:
    """No address that a guest gives is believed."""
    body, kind = ALLOCS[way]
    image = lane.load(HOSTILE.format(body=body, most=""), limits=SMALL)
    ended = image.call("echo", b"1234567")
    assert isinstance(ended, Trapped)
    assert ended.kind == kind


def test_an_alloc_that_always_gives_the_same_place_is_fine(lane: Lane) -> None:
    """It is the guest's own matter."""
    image = lane.load(HOSTILE.format(body="(i32.const 512)", most=""))
    assert data_of(image.call("echo", b"abc")) == b"abc"


def test_an_alloc_that_grows_memory_is_followed(lane: Lane) -> None:
    """Nothing is kept of where the memory was before."""
    body = "(i32.mul (memory.grow (i32.const 2)) (i32.const 65536))"
    image = lane.load(HOSTILE.format(body=body, most="9"))
    for _ in range(5):
        ended = image.call("echo", bytes(70_000))
        assert isinstance(ended, Answer)
        assert ended.data == bytes(70_000)
        assert ended.cost.memory == 3 * 65536


def test_growth_ends_at_the_limit(lane: Lane, framed: Framed) -> None:
    """A guest is told that there is no more, and can go on."""
    body = """(func (export "run") (param i32 i32) (result i64)
      (loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (call $pack (i32.const 0) (memory.size)))"""
    image = lane.load(framed(body))
    for pages in (3, 1, 100):
        ended = image.call("run", b"", limits=Limits(memory=pages * 65536))
        assert isinstance(ended, Answer)
        assert len(ended.data) == pages


def test_tables_end_at_the_limit(lane: Lane, framed: Framed) -> None:
    """A table cannot be grown without end either, nor begin too large."""
    body = """(table $t 1 funcref) (func (export "run") (param i32 i32) (result i64)
      (call $pack (i32.const 0)
        (i32.eq (table.grow $t (ref.null func) (i32.const 1000000)) (i32.const -1))))"""
    ended = lane.load(framed(body)).call("run", b"")
    assert isinstance(ended, Answer)
    assert len(ended.data) == 1
    with pytest.raises(SetupFailed) as caught:
        lane.load(framed("(table $t 1000000 funcref)"))
    assert caught.value.trapped.kind == Kind.MEMORY


STARTS = {
    "endless": ("(loop $l (br $l))", Kind.FUEL),
    "broken": ("(unreachable)", Kind.UNREACHABLE),
}


@pytest.mark.parametrize("way", STARTS)
def test_a_hostile_start_is_stopped(lane: Lane, framed: Framed, way: str) -> None:
    """Fuel and time are armed before anything of a module runs."""
    body, kind = STARTS[way]
    with pytest.raises(SetupFailed) as caught:
        lane.load(framed(f"(func $start {body}) (start $start)"), limits=SMALL)
    assert caught.value.trapped.kind == kind


def test_a_hostile_setup_is_stopped(lane: Lane, framed: Framed) -> None:
    """So it is with set-up exports, and with a place that cannot be reserved."""
    with pytest.raises(SetupFailed) as caught:
        lane.load(framed('(func (export "begin") (loop $l (br $l)))'), setup=["begin"], limits=SMALL)
    assert caught.value.trapped.kind == Kind.FUEL
    with pytest.raises(SetupFailed) as caught:
        lane.load(framed(""), reserve=70_000)
    assert caught.value.trapped.kind == Kind.ALLOC


def test_a_memory_beyond_the_limit_is_not_made(lane: Lane, framed: Framed) -> None:
    """A module that wants more than it may have does not begin."""
    with pytest.raises(SetupFailed) as caught:
        lane.load(framed("", pages="17"), limits=Limits(memory=1 << 20))
    assert caught.value.trapped.kind == Kind.MEMORY


def test_missing_and_unfit_exports_are_named(lane: Lane, framed: Framed) -> None:
    """What is not there, and what cannot be called with bytes, is no trap of the guest."""
    image = lane.load(
        framed('(func (export "unfit") (param i64)) (global (export "state") i32 (i32.const 1))' + FINE)
    )
    for name, said in (
        ("nobody", "exports no function"),
        ("unfit", "(i64) -> ()"),
        ("state", "exports no function"),
    ):
        ended = image.call(name, b"")
        assert isinstance(ended, Trapped)
        assert ended.kind == Kind.NO_EXPORT
        assert said in ended.message
        assert ended.cost.fuel == 0


def test_unfit_setups_are_refused(lane: Lane, framed: Framed) -> None:
    """A set-up that cannot run is found when the module is loaded."""
    for setup in ("nobody", "alloc"):
        with pytest.raises(ModuleRefused, match=setup):
            lane.load(framed(""), setup=[setup])
    with pytest.raises(ModuleRefused, match="alloc"):
        lane.load('(module (memory (export "memory") 1))', reserve=8)


def test_a_module_without_alloc_takes_no_input(lane: Lane) -> None:
    """But it can be called with nothing."""
    image = lane.load(
        """(module (memory (export "memory") 1)
          (func (export "run") (param i32 i32) (result i64) (i64.const 5)))"""
    )
    assert data_of(image.call("run", b"")) == bytes(5)
    ended = image.call("run", b"x")
    assert isinstance(ended, Trapped)
    assert ended.kind == Kind.ALLOC


AUTOPSY = """
  (global $stack (mut i32) (i32.const 2048))
  (func (export "report") (result i64)
    (i32.store (i32.const 32) (global.get $stack)) (call $pack (i32.const 16) (i32.const 20)))
  (func (export "broken") (result i64) (unreachable))
  (func (export "endless") (result i64) (loop $l (br $l)) (i64.const 0))
  (func (export "outside") (result i64) (i64.const -1))
  (func (export "die") (param i32 i32) (result i64)
    (global.set $stack (i32.const 1)) (i64.store (i32.const 16) (i64.const 7))
    (loop $l (br $l)) (i64.const 0))
"""


def test_an_autopsy_reads_what_the_dead_guest_knows(lane: Lane, framed: Framed) -> None:
    """Memory is as the guest left it, globals are as they were before; fuel is fresh."""
    image = lane.load(framed(AUTOPSY), limits=SMALL)
    ended = image.call("die", b"", autopsy="report")
    assert isinstance(ended, Trapped)
    assert ended.kind == Kind.FUEL
    assert ended.autopsy == (7).to_bytes(16, "little") + (2048).to_bytes(4, "little")
    assert ended.cost.fuel == SMALL.fuel


@pytest.mark.parametrize("export", ["broken", "endless", "outside", "nobody", "die"])
def test_an_autopsy_that_fails_is_none(lane: Lane, framed: Framed, export: str) -> None:
    """It never hides what happened first."""
    ended = lane.load(framed(AUTOPSY), limits=SMALL).call("die", b"", autopsy=export)
    assert isinstance(ended, Trapped)
    assert (ended.kind, ended.autopsy) == (Kind.FUEL, None)
