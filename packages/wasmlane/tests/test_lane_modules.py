"""What is loaded, what is refused by name, and what a lane is."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from wasmlane import (
    Answer,
    Closed,
    Lane,
    LaneError,
    Limits,
    Misused,
    ModuleRefused,
    Numbers,
    Settings,
    Trapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Framed = Callable[..., str]  # writes a guest around its functions

ASK = '(import "env" "ask" (func (param i32 i32) (result i64)))'

SWITCHED_OFF = {
    "threads": "(module (memory 1 1 shared))",
    "64-bit": "(module (memory i64 1))",
    "memories": "(module (memory 1) (memory 1))",
    "tail": "(module (func $f return_call $f))",
    "exceptions": "(module (tag))",
    "function references": "(module (type $f (func)) (func (param (ref $f)) (call_ref $f (local.get 0))))",
    "gc": "(module (type $s (struct (field i32))))",
}


@pytest.mark.parametrize("feature", SWITCHED_OFF)
def test_features_that_are_switched_off_are_refused(lane: Lane, feature: str) -> None:
    """The sentence is the engine's own or ours, but never a crash."""
    with pytest.raises(ModuleRefused) as caught:
        lane.load(SWITCHED_OFF[feature])
    assert len(str(caught.value)) > 10
    assert caught.value.code == "module_refused"


ALLOWED = {
    "simd": '(func (export "run") (result i32) (i32x4.extract_lane 2 (i32x4.splat (i32.const 7))))',
    "bulk memory": """(memory 1) (data $d "abc") (func (export "run") (result i32)
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)) (i32.load8_u (i32.const 0)))""",
    "multi value": """(func $two (result i32 i32) (i32.const 3) (i32.const 4))
      (func (export "run") (result i32) (call $two) (i32.add))""",
    "references": """(table 1 externref)
      (func (export "run") (result i32) (ref.is_null (table.get (i32.const 0))))""",
}


@pytest.mark.parametrize("feature", ALLOWED)
def test_features_that_are_on_work(lane: Lane, feature: str) -> None:
    """What compilers emit today is there."""
    ended = lane.load(f"(module {ALLOWED[feature]})").invoke("run")
    assert isinstance(ended, Numbers)
    assert ended.values == ({"simd": 7, "bulk memory": 97, "multi value": 7, "references": 1}[feature],)


@pytest.mark.parametrize(
    "bad", [b"", b"\0asm", b"\0asm\1\0\0\0\xff", b"\x7fELF" + bytes(100), "(module", "no module"]
)
def test_what_is_no_module_is_refused(lane: Lane, bad: bytes | str) -> None:
    """In one printable line."""
    with pytest.raises(ModuleRefused) as caught:
        lane.load(bad)
    assert str(caught.value).isprintable()


def test_imports_are_allowed_by_name(framed: Framed) -> None:
    """A lane, or one load, says what may be imported."""
    with Lane(Settings(imports=frozenset({("env", "ask")}))) as lane:
        lane.load(framed("", imports=ASK))
        with pytest.raises(ModuleRefused, match='"env" "other"'):
            lane.load(framed("", imports=ASK.replace("ask", "other")))
        lane.load(framed("", imports=ASK.replace("ask", "other")), imports=frozenset({("env", "other")}))
        with pytest.raises(ModuleRefused, match='"env" "ask"'):
            lane.load(framed("", imports=ASK), imports=frozenset())


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ('(import "env" "f" (func (param i64)))', "function of type (i64) -> ()"),
        ('(import "env" "f" (memory 1))', "a memory"),
        ('(import "env" "f" (global i32))', "a global"),
        ('(import "env" "f" (table 1 funcref))', "a table"),
    ],
)
def test_imports_that_cannot_be_answered_are_refused(lane: Lane, wanted: str, said: str) -> None:
    """By name and type, before anything runs."""
    with pytest.raises(ModuleRefused) as caught:
        lane.load(f"(module {wanted})")
    assert '"env" "f"' in str(caught.value)
    assert said in str(caught.value)


NUMBERS = """(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "long") (param i64) (result i64) (local.get 0))
  (func (export "half") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0.5)))
  (func (export "twice") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 2)))
  (func (export "all") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
    (local.get 3) (local.get 2) (local.get 1) (local.get 0))
  (func (export "nothing"))
  (func (export "fail") (result i32) (unreachable))
  (func (export "vector") (param v128)))"""


def values(ended: Numbers | Trapped) -> tuple[int | float, ...]:
    """Take the numbers; anything else is a failure."""
    assert isinstance(ended, Numbers), ended
    return ended.values


def test_numbers_go_both_ways(lane: Lane) -> None:
    """Integers come back signed, and may be given either way."""
    image = lane.load(NUMBERS)
    assert values(image.invoke("add", 2, 3)) == (5,)
    assert values(image.invoke("add", 0xFFFFFFFF, 0)) == values(image.invoke("add", -1, 0)) == (-1,)
    assert values(image.invoke("long", 1 << 63)) == (-(1 << 63),)
    assert values(image.invoke("half", 3)) == (1.5,)
    assert values(image.invoke("twice", 1e300)) == (2e300,)
    assert values(image.invoke("twice", float("inf"))) == (float("inf"),)
    assert values(image.invoke("all", 1, 2, 0.5, 0.25)) == (0.25, 0.5, 2, 1)
    assert values(image.invoke("nothing")) == ()
    assert image.invoke("add", 1, 1).cost.fuel > 0


@pytest.mark.parametrize(
    ("export", "numbers"),
    [
        ("add", (1,)),
        ("add", (1, 2, 3)),
        ("add", (1 << 32, 0)),
        ("add", (-(1 << 31) - 1, 0)),
        ("add", (1.0, 0)),
        ("add", (True, 0)),
        ("add", ("1", 0)),
        ("long", (1 << 64,)),
        ("half", (1e39,)),
        ("twice", (10**400,)),
    ],
)
def test_numbers_that_do_not_fit_are_refused(lane: Lane, export: str, numbers: tuple[float, ...]) -> None:
    """Nothing wraps around unseen."""
    with pytest.raises(Misused):
        lane.load(NUMBERS).invoke(export, *numbers)


def test_numeric_calls_can_be_stopped(lane: Lane) -> None:
    """They end in the same values."""
    image = lane.load(NUMBERS)
    kinds = [getattr(image.invoke(name), "kind", None) for name in ("fail", "vector", "nobody")]
    assert kinds == ["unreachable", "no_export", "no_export"]


def test_only_bytes_are_given(lane: Lane, framed: Framed) -> None:
    """Text has no one encoding."""
    image = lane.load(
        framed('(func (export "echo") (param i32 i32) (result i64) (call $pack (local.get 0) (local.get 1)))')
    )
    with pytest.raises(Misused):
        image.call("echo", "text")  # type: ignore[arg-type]  # the point of the test
    for data in (b"abc", bytearray(b"abc"), memoryview(b"abc")):
        ended = image.call("echo", data)  # type: ignore[arg-type]  # what can be read as bytes
        assert isinstance(ended, Answer)
        assert ended.data == b"abc"


@pytest.mark.parametrize(
    "wrong", [{"fuel": -1}, {"timeout_ms": float("nan")}, {"memory": 2**63}, {"nesting": -1}]
)
def test_limits_that_are_none_are_refused(wrong: dict[str, int]) -> None:
    """When they are made, not when they are used."""
    with pytest.raises(Misused):
        Limits(**wrong)


@pytest.mark.parametrize("wrong", [{"wasm_stack": 1}, {"tick_ms": 0}, {"road": "scenic"}])
def test_settings_that_cannot_work_are_refused(wrong: dict[str, int]) -> None:
    """So are settings."""
    with pytest.raises(Misused):
        Settings(**wrong)  # type: ignore[arg-type]  # the point of the test


def test_a_closed_lane_answers_no_calls(lane: Lane, framed: Framed) -> None:
    """It says so, each time, and can be closed again."""
    image = lane.load(framed('(func (export "run") (param i32 i32) (result i64) (i64.const 0))'))
    assert isinstance(image.call("run", b""), Answer)
    lane.close()
    lane.close()
    for use in (lambda: image.call("run", b""), lambda: lane.load("(module)"), image.open):
        with pytest.raises(Closed):
            use()


def test_a_module_is_compiled_once_for_all_who_load_it(tmp_path: Path, framed: Framed) -> None:
    """In one process by its bytes, in the next one from disk; a damaged entry is built again."""
    text = framed('(func (export "run") (param i32 i32) (result i64) (i64.const 3))')
    for spoil in (False, True, False):
        with Lane(Settings(cache=tmp_path / "cache")) as lane:
            assert all(isinstance(lane.load(text).call("run", b""), Answer) for _ in range(2))
        (entry,) = (tmp_path / "cache").glob("*.entry")
        if spoil:
            entry.write_bytes(entry.read_bytes()[:-9] + b"tampered!")


def test_what_cannot_be_put_back_says_why(lane: Lane) -> None:
    """So that an author can change it."""
    assert lane.load('(module (memory (export "memory") 1))').restorable
    image = lane.load("(module)")
    assert not image.restorable
    assert "memories" in image.why_not


def test_every_error_is_one_of_ours() -> None:
    """One base, and codes that differ."""
    kinds: list[type[LaneError]] = [*LaneError.__subclasses__(), LaneError]
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_images_are_not_pickled(lane: Lane) -> None:
    """And say what to do instead."""
    with pytest.raises(TypeError, match="load its module"):
        pickle.dumps(lane.load("(module)"))
