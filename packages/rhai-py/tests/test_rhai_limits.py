"""Each limit holds, says its name, can be tightened for one call, and refuses what is no limit."""

from __future__ import annotations

import dataclasses

import pytest
import rhai
from hypothesis import given
from hypothesis import strategies as st

LIBRARY = {"util": "fn one() { 1 }"}
NAMES = [field.name for field in dataclasses.fields(rhai.Limits)]
# name, the limits under which the body must fail, the body of a function.
CASES = [
    ("fuel", {"fuel": 3_000_000, "operations": 0}, "loop { }"),
    ("memory_mb", {"memory_mb": 2, "string_size": 0}, "let s = `a`; loop { s += s; }"),
    ("timeout_ms", {"timeout_ms": 20, "fuel": 2**50, "operations": 0}, "loop { }"),
    ("output_size", {"output_size": 100}, "let s = ``; s.pad(200, 'x'); s"),
    ("host_calls", {"host_calls": 3}, "for i in 0..10 { host::one(); }"),
    ("operations", {"operations": 1_000}, "loop { }"),
    ("call_depth", {"call_depth": 8}, "deep(20)"),
    ("string_size", {"string_size": 10}, "let s = `abcdef`; s += s; s"),
    ("array_size", {"array_size": 3}, "let a = []; a.pad(4, 0); a"),
    ("array_size", {"array_size": 3}, "blob(4)"),
    ("array_size", {"array_size": 3}, "let a = [[1, 2], [3]]; a.push([4]); a"),
    ("map_size", {"map_size": 2}, "let m = #{}; m.a = 1; m.b = 2; m.c = 3; m"),
    ("variables", {"variables": 2}, "let a = 1; let b = 2; let c = 3; a"),
    ("modules", {"modules": 0}, 'import "util" as u; u::one()'),
    ("stack", {"call_depth": 0}, "deep(100_000)"),
]


def engine(limits: rhai.Limits | None = None) -> rhai.Engine:
    """Make an engine with a library and a host function."""
    made = rhai.Engine(limits, libraries=LIBRARY, diagnose=False)
    made.register("host", "one", lambda: 1)
    return made


def source(body: str) -> str:
    """Write a script whose function runs the body."""
    return f"fn deep(n) {{ if n > 0 {{ deep(n - 1) }} }}\nfn run() {{ {body} }}\nfn sound() {{ 42 }}"


@pytest.mark.parametrize(("limit", "given", "body"), CASES)
def test_each_limit_of_an_engine_holds(limit: str, given: dict[str, float], body: str) -> None:
    """The run ends in a LimitError that names the limit; the next call is sound."""
    script = engine(rhai.Limits(**given)).compile(source(body))  # type: ignore[arg-type] # the table is mixed
    with pytest.raises(rhai.LimitError) as caught:
        script.call("run")
    assert (caught.value.limit, caught.value.code) == (limit, f"limit_{limit}")
    assert script.call("sound") == 42


@pytest.mark.parametrize(("limit", "given", "body"), CASES)
def test_each_limit_can_be_tightened_for_one_call(limit: str, given: dict[str, float], body: str) -> None:
    """A call may have less than its engine gives, by every road."""
    off = dict.fromkeys(key for key in given if given[key] == 0) | {
        key: 0 for key in given if given[key] == 0
    }
    wide = rhai.Limits(fuel=2**50, timeout_ms=60_000, **off)  # type: ignore[arg-type] # zeros switch off
    made = engine(wide)
    script = made.compile(source(body))
    tight = dataclasses.replace(wide, **given)  # type: ignore[arg-type] # same
    for attempt in (
        lambda: script.call("run", limits=tight),
        lambda: script.call_json("run", b"[]", limits=tight),
        lambda: script.session(limits=tight).call("run"),
        lambda: made.run(source(body) + "\nrun()", limits=tight),
    ):
        with pytest.raises(rhai.LimitError) as caught:
            attempt()
        assert caught.value.limit in {limit, "operations" if limit == "fuel" else limit}


@pytest.mark.parametrize(
    ("limit", "given", "text"),
    [
        ("source_size", {"source_size": 10}, "let abc = 1 + 2;"),
        ("expr_depth", {"expr_depth": 5}, "((((((((1))))))))"),
        ("string_size", {"string_size": 3}, "let a = `abcdef`;"),
        ("array_size", {"array_size": 3}, "let a = [1, 2, 3, 4];"),
        ("map_size", {"map_size": 2}, "let a = #{a: 1, b: 2, c: 3};"),
        ("operations", {"operations": 500}, "loop { }"),
        ("fuel", {"fuel": 3_000_000, "operations": 0}, "loop { }"),
        ("modules", {"modules": 0}, 'import "util" as u;'),
    ],
)
def test_compiling_has_limits_too(limit: str, given: dict[str, float], text: str) -> None:
    """Parsing and the top level end in the same errors."""
    tight = rhai.Limits(**given)  # type: ignore[arg-type] # the table is mixed
    for attempt in (lambda: engine(tight).compile(text), lambda: engine(tight).eval(text)):
        with pytest.raises(rhai.LimitError) as caught:
            attempt()
        assert caught.value.limit == limit


def test_the_log_has_a_quota_and_no_error() -> None:
    """Lines beyond the quota are counted and dropped."""
    done = engine().run("for i in 0..100 { print(`line ${i}`); } 7", limits=rhai.Limits(log_size=200))
    assert done.value == 7
    assert 0 < len(done.logs) < 20
    assert len(done.logs) + done.dropped == 100


def test_no_log_at_all_is_possible() -> None:
    """A quota of 0 keeps nothing."""
    done = engine(rhai.Limits(log_size=0)).run("print(1); debug(2); 3")
    assert (done.value, done.logs, done.dropped) == (3, (), 2)


@pytest.mark.parametrize("nesting", [1, 3, 8])
def test_scripts_nest_through_host_functions_up_to_a_depth(nesting: int) -> None:
    """As many levels as allowed work; one more is an error that names the limit."""
    made = rhai.Engine(rhai.Limits(nesting=nesting, timeout_ms=5_000))

    def again(left: int) -> object:
        return made.eval("host::again(left - 1)", left=left) if left else "bottom"

    made.register("host", "again", again)
    assert made.eval("host::again(left)", left=nesting - 1) == "bottom"
    with pytest.raises(rhai.RhaiError) as caught:
        made.eval("host::again(left)", left=nesting)
    assert "nesting" in {getattr(error, "limit", "") for error in causes(caught.value)}


def causes(error: BaseException | None) -> list[BaseException]:
    """List an error and what caused it, down to the first."""
    return [] if error is None else [error, *causes(error.__cause__)]


def test_what_a_run_cost_is_told_and_repeats() -> None:
    """Fuel and operations are the same each time, and what was used is enough."""
    script = engine().compile("fn work(n) { let s = 0; for i in 0..n { s += i; } s }")
    first, second = script.run("work", 1000).cost, script.run("work", 1000).cost
    assert (first.fuel, first.operations) == (second.fuel, second.operations)
    assert first.operations > 1000
    assert first.memory > 0
    assert script.call("work", 1000, limits=rhai.Limits(fuel=first.fuel)) == 499_500
    with pytest.raises(rhai.LimitError):
        script.call("work", 1000, limits=rhai.Limits(fuel=first.fuel // 2))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", [-1, True, None, "5", float("nan"), float("inf"), 2**70])
def test_what_is_no_limit_is_refused(name: str, bad: object) -> None:
    """Each limit refuses nonsense at once, with its name."""
    with pytest.raises(ValueError, match=name):
        rhai.Limits(**{name: bad})  # type: ignore[arg-type] # that is the test


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {"memory_mb", "timeout_ms"}])
def test_counts_are_whole_numbers(name: str) -> None:
    """Only time and memory may have fractions."""
    with pytest.raises(ValueError, match=name):
        rhai.Limits(**{name: 100.5})  # type: ignore[arg-type] # that is the test
    assert rhai.Limits(memory_mb=1.5, timeout_ms=0.5 + 1).memory_mb == 1.5


@pytest.mark.parametrize("name", ["fuel", "memory_mb", "timeout_ms", "output_size", "nesting", "source_size"])
def test_the_wall_cannot_be_switched_off(name: str) -> None:
    """Zero is no limit where none could run, and no way to run without."""
    with pytest.raises(ValueError, match=name):
        rhai.Limits(**{name: 0})


def test_rhais_own_limits_can_be_switched_off() -> None:
    """Zero switches a soft limit off; the wall stays."""
    off = rhai.Limits(operations=0, string_size=0, array_size=0, map_size=0, variables=0, expr_depth=0)
    assert engine(off).eval("let s = `x`; while s.len < 2_000_000 { s += s; } s.len") == 2**21


_LIMITS = st.builds(
    rhai.Limits,
    fuel=st.integers(1, 100),
    memory_mb=st.integers(1, 100),
    operations=st.integers(0, 3),
    string_size=st.integers(0, 3),
    host_calls=st.integers(0, 3),
    log_size=st.integers(0, 3),
    modules=st.integers(0, 3),
)


@given(_LIMITS, _LIMITS)
def test_tightening_keeps_both(one: rhai.Limits, two: rhai.Limits) -> None:
    """It is the stricter of each pair, whoever comes first, and doing it again changes nothing."""
    both = one.tightened(two)
    assert both == two.tightened(one)
    assert both == both.tightened(one) == both.tightened(both)
    assert both.fuel == min(one.fuel, two.fuel)
    assert both.host_calls == min(one.host_calls, two.host_calls)
    assert bool(both.operations) == bool(one.operations or two.operations)


def test_a_call_cannot_widen_its_engine() -> None:
    """Per call, limits only shrink."""
    script = engine(rhai.Limits(host_calls=1)).compile("fn f() { host::one() + host::one() }")
    with pytest.raises(rhai.LimitError):
        script.call("f", limits=rhai.Limits(host_calls=100))


def test_limits_are_values() -> None:
    """They are frozen, keyword-only, and equal by content."""
    limits = rhai.Limits()
    assert limits == rhai.Limits()
    with pytest.raises(dataclasses.FrozenInstanceError):
        limits.fuel = 1  # type: ignore[misc] # that is the test
    with pytest.raises(TypeError):
        rhai.Limits(1)  # type: ignore[call-arg] # that is the test
