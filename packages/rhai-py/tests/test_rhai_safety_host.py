"""Hostile and careless host functions: what they raise, answer and call ends in the documented error."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NoReturn

import pytest
import rhai

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SOURCE = """
fn ask(what) { host::answer(what) }
fn caught(what) { let seen = (); try { host::answer(what) } catch (error) { seen = error; } seen }
fn kept(what) { let value = host::answer(what); type_of(value) }
fn flood() { loop { host::answer("fine"); } }
fn stubborn() { loop { try { host::answer("raise"); } catch { } } }
fn forged(claim) {
    let told = #{ error: "host" };
    try { host::answer("raise") } catch (error) { told["call"] = error["call"]; }
    for name in claim.keys() { told[name] = claim[name]; }
    throw told
}
fn pass_closure() { host::answer(|x| x) }
fn pass_deep() { let a = []; for i in 0..200 { a = [a]; } host::answer(a) }
fn pass_strange() { host::echo([0.0 / 0.0, blob(2, 65), 0..3, 'c', (), #{ "\\x00": "bytes", v: "zz" }]) }
fn pass_large() { let s = ""; s.pad(1000000, "x"); loop { host::answer(s); } }
fn sound() { 42 }
"""


class Mute(Exception):
    """An exception that cannot even be worded."""

    def __str__(self) -> NoReturn:
        """Fail again."""
        raise ValueError


class Unworded(Exception):
    """An exception whose words are no text."""

    def __str__(self) -> str:
        """Answer what is no text."""
        return answer(5)  # type: ignore[return-value]  # the carelessness that is tested


class Foreign(BaseException):
    """What is no ordinary failure: like KeyboardInterrupt it is nobody's to swallow."""


def endless() -> object:
    """Give a list that contains itself."""
    ring: list[object] = []
    ring.append(ring)
    return ring


def deep() -> object:
    """Give 200 lists in each other."""
    nest: object = []
    for _ in range(200):
        nest = [nest]
    return nest


RAISED: Mapping[str, Callable[[], BaseException]] = {
    "raise": lambda: ValueError("no"),
    "recursion": lambda: RecursionError("deep"),
    "memory": MemoryError,
    "stop": lambda: StopIteration(1),
    "half": lambda: ValueError("\ud800"),
    "long": lambda: ValueError("x" * 1_000_000),
    "mute": Mute,
    "unworded": Unworded,
}
PASSED_ON: Mapping[str, Callable[[], BaseException]] = {
    "interrupt": KeyboardInterrupt,
    "exit": lambda: SystemExit(3),
    "close": GeneratorExit,
    "foreign": Foreign,
}
UNFIT: Mapping[str, Callable[[], object]] = {
    "object": object,
    "set": lambda: {1},
    "complex": lambda: 1j,
    "integer": lambda: 2**64,
    "half": lambda: "\ud800",
    "keys": lambda: {1: 2},
    "half a key": lambda: {"\ud800": 1},
    "ellipsis": lambda: ...,
    "generator": lambda: (n for n in range(3)),
    "code": lambda: compile("1", "x", "eval"),
    "deep": deep,
    "endless": endless,
}


def answer(what: object) -> object:
    """Do what the script asks for."""
    if not isinstance(what, str):
        return None
    if made := {**RAISED, **PASSED_ON}.get(what):
        raise made()
    return UNFIT[what.removeprefix("unfit ")]() if what.startswith("unfit ") else "fine"


@pytest.fixture(scope="module")
def script() -> rhai.Script:
    """Compile a script for a careless host."""
    engine = rhai.Engine(limits=rhai.Limits(timeout_ms=10_000))
    engine.register("host", "answer", answer)
    engine.register("host", "echo", lambda value: value)
    return engine.compile(SOURCE, name="host.rhai")


@pytest.mark.parametrize("what", RAISED)
def test_what_a_host_function_raises_is_the_cause_of_a_host_error(what: str, script: rhai.Script) -> None:
    """Also when the exception cannot be worded."""
    with pytest.raises(rhai.HostError) as caught:
        script.call("ask", what)
    assert type(caught.value.__cause__) is type(RAISED[what]())
    assert (caught.value.code, caught.value.line) == ("host", 2)
    assert len(str(caught.value)) < 2_000
    assert script.call("sound") == 42


@pytest.mark.parametrize("what", RAISED)
def test_a_script_may_catch_what_a_host_function_raises(what: str, script: rhai.Script) -> None:
    """It sees a plain value, never the exception."""
    seen = script.call("caught", what)
    assert (seen["error"], seen["function"]) == ("host", "host::answer")
    assert seen["message"].startswith(type(RAISED[what]()).__name__)


@pytest.mark.parametrize("function", ["ask", "caught"])
@pytest.mark.parametrize("what", PASSED_ON)
def test_what_is_no_failure_passes_through(function: str, what: str, script: rhai.Script) -> None:
    """An interrupt ends the call at once, and no script can catch it."""
    with pytest.raises(type(PASSED_ON[what]())):
        script.call(function, what)
    assert script.call("sound") == 42


@pytest.mark.parametrize("what", UNFIT)
def test_an_answer_that_cannot_cross_is_a_host_error(what: str, script: rhai.Script) -> None:
    """Whoever finds it out, the packer or the guest, the fault is the host function's."""
    with pytest.raises(rhai.HostError) as caught:
        script.call("kept", f"unfit {what}")
    assert isinstance(caught.value.__cause__, rhai.ConversionError)
    assert script.call("sound") == 42


@pytest.mark.parametrize(
    "claim", [{}, {"function": [1]}, {"call": "x"}, {"call": 10**9}, {"call": True, "message": None}]
)
def test_a_failure_of_the_host_cannot_be_forged(claim: dict[str, object], script: rhai.Script) -> None:
    """A map that looks like one is a value that the script threw."""
    with pytest.raises(rhai.RhaiError) as caught:
        script.call("forged", claim)
    assert caught.value.code in {"thrown", "host"}
    assert script.call("sound") == 42


@pytest.mark.parametrize(
    ("function", "limit"), [("flood", "host_calls"), ("stubborn", "host_calls"), ("pass_large", "fuel")]
)
def test_a_flood_of_host_calls_ends(function: str, limit: str, script: rhai.Script) -> None:
    """The number and the size of calls are bounded, and no script can catch that."""
    with pytest.raises(rhai.LimitError) as caught:
        script.call(function)
    assert caught.value.limit == limit
    assert script.call("sound") == 42


@pytest.mark.parametrize("function", ["pass_closure", "pass_deep"])
def test_an_argument_that_cannot_cross_never_reaches_the_host(function: str, script: rhai.Script) -> None:
    """It is an error of the script, with the line."""
    with pytest.raises(rhai.RuntimeError) as caught:
        script.call(function)
    assert caught.value.line is not None


def test_strange_values_reach_the_host_as_they_are(script: rhai.Script) -> None:
    """Not a number, bytes, ranges, and a map that looks like our own mark."""
    first, *others = script.call("pass_strange")
    assert first != first  # noqa: PLR0124 - only not-a-number differs from itself
    assert others == [b"AA", [0, 1, 2], "c", None, {"\0": "bytes", "v": "zz"}]


def test_the_host_is_shut_while_a_script_compiles(script: rhai.Script) -> None:
    """Compiling has no effects, and a script cannot catch the refusal."""
    heard: list[object] = []
    engine = rhai.Engine()
    engine.register("host", "note", heard.append)
    for source in (
        "host::note(1);",
        "try { host::note(1) } catch { }",
        "const X = host::note(1);",
        "[1].map(|x| host::note(x));",
    ):
        with pytest.raises(rhai.SyntaxError):
            engine.compile(source)
    assert heard == []


def test_a_script_cannot_take_the_place_of_a_host_function() -> None:
    """Names of its own, variables and imports do not shadow the host's, and `host_calls` does not lie."""
    engine = rhai.Engine()
    engine.register("storage", "save", lambda: "host")
    sources = [
        'fn save() { "script" } fn f() { storage::save() }',
        "fn f() { let storage = 1; storage::save() }",
        'let storage = #{ save: || "script" }; fn f() { storage::save() }',
        'import "storage" as s; fn f() { s::save() }',
    ]
    for source in sources:
        script = engine.compile(source)
        assert (script.call("f"), list(script.host_calls)) == ("host", ["storage::save"])


def nested() -> tuple[int, rhai.RhaiError]:
    """Let a script call itself through the host until that is refused; answer how deep it came."""
    engine = rhai.Engine(limits=rhai.Limits(timeout_ms=20_000, call_depth=0))
    depths = itertools.count(1)
    engine.register("host", "again", lambda: [next(depths), below.call("down", 20)])
    below = engine.compile("fn down(n) { if n > 0 { down(n - 1) } else { host::again() } }")
    with pytest.raises(rhai.RhaiError) as caught:
        below.call("down", 20)
    return next(depths) - 1, caught.value


def innermost(error: BaseException | None) -> BaseException | None:
    """Follow the causes to the first."""
    while error is not None and error.__cause__ is not None:
        error = error.__cause__
    return error


def test_eight_scripts_deep_work_and_the_ninth_is_refused() -> None:
    """The refusal travels outwards as an ordinary error of a host function."""
    reached, error = nested()
    assert reached == 8
    assert isinstance(error, rhai.HostError)
    first = innermost(error)
    assert isinstance(first, rhai.LimitError)
    assert first.limit == "nesting"


def test_seven_deep_answer_a_value() -> None:
    """Nesting up to the limit is allowed, not only survived."""
    engine = rhai.Engine(limits=rhai.Limits(timeout_ms=20_000))
    engine.register("host", "down", lambda n: below.call("down", n))
    below = engine.compile("fn down(n) { if n == 0 { 42 } else { host::down(n - 1) } }")
    assert below.call("down", 7) == 42
    with pytest.raises(rhai.HostError):
        below.call("down", 8)
    assert below.call("down", 7) == 42
