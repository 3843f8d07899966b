"""Odd inputs are refused where they are given: values, documents, names, limits, texts of sessions."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import pytest
import rhai
from hostile_scripts import OFF, SOUND

if TYPE_CHECKING:
    from collections.abc import Callable


def limit_of(run: Callable[[], object]) -> str | None:
    """Run something and name the limit that ended it, if one did."""
    try:
        run()
    except rhai.LimitError as error:
        return error.limit
    return None


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63) - 1, "\ud800", {"\ud800": 1}, {1: 2}, {1}, object(), 1j, ..., [[object()]]],
    ids=lambda value: f"a {type(value).__name__}",
)
def test_an_argument_that_cannot_cross_is_refused(value: object) -> None:
    """With the way to it, before anything runs."""
    script = rhai.Engine().compile("fn f(x) { x }")
    with pytest.raises(rhai.ConversionError) as caught:
        script.call("f", [value])
    assert caught.value.path.startswith("arguments[0][0]")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[",
        b"{}",
        b"[1]x",
        b"[NaN]",
        b"[01]",
        b'["\xff"]',
        b'["\\ud800"]',
        b'["\\ud800\\u0041"]',
        b"[9223372036854775808]",
        b"[1e999]",
        b'[{"a":1,"a":2}]',
        b"[" * 100_000,
        b'[{"a":' * 50_000,
        b"\x00",
        b'["\n"]',
        b"\xef\xbb\xbf[1]",
    ],
)
def test_broken_json_is_refused(document: bytes) -> None:
    """The bytes road takes strict JSON and nothing else."""
    script = rhai.Engine().compile("fn f(x) { x }")
    with pytest.raises(rhai.ConversionError):
        script.call_json("f", document)


def test_arguments_larger_than_the_memory_are_refused() -> None:
    """The limit of the memory holds for what the host sends too."""
    script = rhai.Engine().compile(SOUND + "fn f(x) { 1 }")
    for sent in ("x" * 40_000_000, [1.5] * 2_000_000):
        with pytest.raises(rhai.LimitError) as caught:
            script.call("f", sent)
        assert caught.value.limit == "memory_mb"
    assert script.call("sound") == 42


@pytest.mark.parametrize(
    "name",
    ["sleep", "eval", "print", "len", "host::note", "anon$", "hidden", "", "\ud800", "f\0", "x" * 100_000],
)
def test_only_public_functions_of_the_script_can_be_called(name: str) -> None:
    """Nothing of the engine or of the host is reached by its name, on either road."""
    engine = rhai.Engine()
    engine.register("host", "note", lambda *given: given)
    script = engine.compile("fn f(x) { x } private fn hidden(x) { x }")
    with pytest.raises(rhai.RhaiError):
        script.call(name, 1)
    with pytest.raises(rhai.RhaiError):
        script.call_json(name, b"[1]")


@pytest.mark.parametrize(
    "given",
    [
        {"fuel": 1.5},
        {"fuel": 2**64},
        {"fuel": math.inf},
        {"memory_mb": math.inf},
        {"memory_mb": math.nan},
        {"timeout_ms": math.inf},
        {"timeout_ms": math.nan},
        {"output_size": 2.5},
        {"nesting": 0},
        {"operations": 2**64},
        {"host_calls": -1},
        {"fuel": True},
    ],
    ids=repr,
)
def test_limits_that_are_none_are_refused_at_once(given: dict[str, float]) -> None:
    """What cannot be kept is refused where it is written, not in the middle of a call."""
    with pytest.raises(ValueError, match=next(iter(given))):
        rhai.Limits(**given)  # type: ignore[arg-type]  # the wrong types that are tested


@pytest.mark.parametrize(
    "given", [{"fuel": 1}, {"memory_mb": 1}, {"timeout_ms": 1}, {"output_size": 1}, {"source_size": 1}]
)
def test_the_smallest_limits_end_in_a_value_or_a_limit(given: dict[str, int]) -> None:
    """However tight, the answer is right or names its limit; the next call has its own limits again."""
    engine = rhai.Engine()
    script = engine.compile(SOUND + "fn f(x) { x }")
    tight = rhai.Limits(**given)
    assert limit_of(partial(script.call, "f", "abc", limits=tight)) in {None, *given}
    assert limit_of(partial(engine.run, '"abc"', limits=tight)) in {None, *given}
    assert script.call("sound") == 42


def test_a_session_that_was_stopped_says_so() -> None:
    """Its state is gone; every further call is told that, until it is reset."""
    script = rhai.Engine(limits=OFF, diagnose=False).compile(SOUND + "fn f() { loop { let x = 1; } }")
    with script.session() as session:
        with pytest.raises(rhai.LimitError):
            session.call("f")
        for _ in range(2):
            with pytest.raises(rhai.RhaiError) as caught:
                session.call("sound")
            assert caught.value.code != "internal"
        session.reset()
        assert session.call("sound") == 42


def test_a_session_keeps_the_limits_of_the_text() -> None:
    """What is typed into a session is checked as what is compiled."""
    with rhai.Engine(limits=rhai.Limits(source_size=1_000)).session() as session:
        for source, code in (
            (" " * 1_001, "limit_source_size"),
            ('"\ud800"', "syntax"),
            ("eval(1)", "syntax"),
            ("let x =", "syntax"),
        ):
            with pytest.raises(rhai.RhaiError) as caught:
                session.eval(source)
            assert caught.value.code == code
        assert session.eval("40 + 2") == 42
