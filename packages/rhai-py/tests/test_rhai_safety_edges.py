"""The edges of the limits: stopped anywhere, at little cost for the host."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
import rhai
from hostile_scripts import OFF, SOUND

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY = (
    SOUND
    + """
fn f(n) {
    let seen = #{}; let all = [];
    for i in 0..n {
        let word = `${i}-${i * 2}`;
        seen[word] = [i, word.to_upper(), #{ at: i }];
        all.push(|x| x + i);
        try { if i % 3 == 0 { throw #{ at: i } } } catch (error) { print(error.at); }
    }
    let sum = 0;
    for g in all { sum += g.call(1); }
    [sum, seen]
}
"""
)


def limit_of(run: Callable[[], object]) -> str | None:
    """Run something and name the limit that ended it, if one did."""
    try:
        run()
    except rhai.LimitError as error:
        return error.limit
    return None


@pytest.fixture(scope="module")
def busy() -> rhai.Script:
    """Compile a script that does a little of everything."""
    return rhai.Engine(diagnose=False).compile(BUSY)


def test_fuel_may_end_anywhere(busy: rhai.Script) -> None:
    """At whatever instruction a run is stopped, it ends in the same error, and the next one is right."""
    whole = busy.run("f", 12)
    assert whole.cost.fuel < 1_500_000
    # Fuel is looked at where loops and functions begin: the last few instructions may pass.
    for fuel in range(1, whole.cost.fuel - 5_000, 701):
        with pytest.raises(rhai.LimitError) as caught:
            busy.call("f", 12, limits=rhai.Limits(fuel=fuel))
        assert caught.value.limit == "fuel"
    assert busy.run("f", 12).value == whole.value


def test_fuel_may_end_anywhere_while_compiling() -> None:
    """The same holds for the reading of a text."""
    engine = rhai.Engine(diagnose=False)
    engine.eval("1")
    least = 2_000
    for fuel in range(least, 400_000, 1_009):
        ended = limit_of(partial(engine.compile, BUSY, limits=rhai.Limits(fuel=fuel)))
        assert ended in {None, "fuel"}
    assert engine.compile(BUSY).call("sound") == 42


@pytest.mark.parametrize("memory_mb", [4, 16])
@pytest.mark.parametrize(
    "source",
    [
        "fn f() { let g = |x| x; loop { g = g.curry(g); } }",
        "fn f() { let m = #{}; loop { m = #{ a: m, b: m }; } }",
        "fn f() { let a = []; loop { a.push([1]); } }",
        "fn f() { let a = [0]; loop { a = [a, a]; } }",
        "fn f() { let a = []; loop { let b = blob(4096); a.push(b); } }",
        'fn f() { let s = "xxxxxxxx"; loop { s += s; } }',
    ],
)
def test_memory_may_end_at_the_last_byte(source: str, memory_mb: int) -> None:
    """Filled by large pieces or by small ones, a full memory is told as what it is."""
    limits = replace(OFF, fuel=2_000_000_000, memory_mb=memory_mb)
    script = rhai.Engine(limits=limits, diagnose=False).compile(SOUND + source)
    with pytest.raises(rhai.LimitError) as caught:
        script.call("f")
    assert caught.value.limit == "memory_mb"
    assert script.call("sound") == 42


def test_every_stopped_run_has_a_line() -> None:
    """Also where it was stopped in the middle of telling its line."""
    limits = rhai.Limits(fuel=2_000_000, timeout_ms=20_000, operations=0)
    engine = rhai.Engine(limits=limits)
    lines = []
    for padding in range(40):
        script = engine.compile(f"fn f() {{\n{' ' * padding}let n = {padding};\ndo {{}} while n >= 0;\n}}")
        with pytest.raises(rhai.LimitError) as caught:
            script.call("f")
        lines.append(caught.value.line)
    assert None not in lines
    assert set(lines) <= {1, 2, 3}


def test_time_ends_what_fuel_would_allow() -> None:
    """Wall-clock time is a limit of its own."""
    limits = rhai.Limits(fuel=10**15, timeout_ms=50, operations=0)
    script = rhai.Engine(limits=limits, diagnose=False).compile(SOUND + "fn f() { loop { let x = 1; } }")
    with pytest.raises(rhai.LimitError) as caught:
        script.call("f")
    assert caught.value.limit == "timeout_ms"
    assert script.call("sound") == 42


def test_time_in_host_functions_counts() -> None:
    """A slow host function uses up the script's time."""
    engine = rhai.Engine(limits=rhai.Limits(timeout_ms=50))
    engine.register("host", "wait", lambda: time.sleep(0.2))
    script = engine.compile(SOUND + "fn f() { host::wait(); host::wait(); host::wait(); }")
    with pytest.raises(rhai.LimitError) as caught:
        script.call("f")
    assert caught.value.limit == "timeout_ms"
    assert script.call("sound") == 42


@pytest.mark.parametrize(
    "source",
    [
        "\n" * 100_000 + "".join(f"fn/**/f{n}(){{}}\n" for n in range(1_000)),
        "".join(f"fn f{n}(){{}} " for n in range(4_000)),
        "".join(f"/// d\nfn f{n}(){{}}\n" for n in range(2_000)),
        "fn f() { " + "host::note(); " * 10_000 + "}",
        "fn f() { " + " " * 900_000 + "g() }",
    ],
    ids=["comments before names", "functions in one line", "doc comments", "host calls", "one long line"],
)
def test_reading_a_script_costs_the_host_little(source: str) -> None:
    """What the host does beside the guest has no fuel: it must be quick for every text that compiles."""
    engine = rhai.Engine()
    engine.register("host", "note", lambda: None)
    engine.eval("1")
    start = time.perf_counter()
    script = engine.compile(source)
    assert len(script.functions) > 0
    assert time.perf_counter() - start < 3


def test_failing_costs_the_host_little() -> None:
    """A failure shows a piece of its line, and looks at no more than that."""
    script = rhai.Engine(diagnose=False).compile("fn f() { throw 1 } //" + "x" * 900_000)
    start = time.perf_counter()
    for _ in range(50):
        with pytest.raises(rhai.RuntimeError) as caught:
            script.call("f")
        assert len(str(caught.value)) < 500
    assert time.perf_counter() - start < 0.5


def test_what_is_printed_is_kept_up_to_a_quota() -> None:
    """The rest is counted, never an error, and nothing reaches the process's own output."""
    engine = rhai.Engine(limits=rhai.Limits(log_size=8 * 1024))
    heard: list[str] = []
    engine.on_print(heard.append)
    source = 'fn f(n) { for i in 0..n { print("x"); } debug("end"); n }'
    done = engine.compile(source).run("f", 5_000)
    assert done.value == 5_000
    assert len(done.logs) + done.dropped == 5_001
    assert len(heard) == len(done.logs) < 1_000


def test_what_is_printed_is_not_interpreted() -> None:
    """Lines, escapes and marks of our own stay the text that they are."""
    text = 'a\r\n{"level": "admin"}\x1b[2J\u2028\0'
    done = rhai.Engine().compile("fn f(text) { print(text) }").run("f", text)
    assert [line.text for line in done.logs] == [text]


@pytest.mark.parametrize("size", [10_000, 300_000, 20_000_000])
def test_a_large_answer_is_refused(size: int) -> None:
    """Up to the limit it arrives whole; beyond it, and far beyond the memory, it is a clean error."""
    script = rhai.Engine(limits=OFF).compile(SOUND + 'fn f(n) { let s = ""; s.pad(n, "x"); s }')
    if size <= 256 * 1024:
        assert script.call("f", size) == "x" * size
        return
    with pytest.raises(rhai.LimitError):
        script.call("f", size)
    assert script.call("sound") == 42
