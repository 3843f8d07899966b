"""A failure without a place of its own is run once more to find one: quietly, seldom, and only if wanted."""

from __future__ import annotations

import pytest
import rhai
from rhai.budget import Budget

DIVIDES = "fn f(x) {\n  let a = host::count(x);\n  10 / a\n}"


class Counter:
    """A host function that remembers how often it was called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, answer: int) -> int:
        """Count, and answer what was given."""
        self.calls += 1
        return answer


def compiled(counter: Counter, source: str = DIVIDES, *, diagnose: bool = True) -> rhai.Script:
    """Compile a script that may call the counter."""
    engine = rhai.Engine(rhai.Limits(fuel=20_000_000), diagnose=diagnose)
    engine.register("host", "count", counter)
    return engine.compile(source, name="d.rhai")


def failed(script: rhai.Script, *arguments: object, function: str = "f") -> rhai.RhaiError:
    """Call a function that must fail."""
    with pytest.raises(rhai.RhaiError) as caught:
        script.call(function, *arguments)
    return caught.value


def test_a_placeless_error_gets_line_and_column() -> None:
    """Rhai says no place for a division by zero; the second run does."""
    error = failed(compiled(Counter()), 0)
    assert (error.line, error.column, error.function) == (3, 8, "f")
    assert not error.place.near


def test_the_second_run_never_calls_the_host() -> None:
    """It is served the answers that the first run was given."""
    counter = Counter()
    failed(compiled(counter), 0)
    assert counter.calls == 1


def test_the_second_run_hears_failures_again_too() -> None:
    """A host function's error that the script caught is part of what is replayed."""

    def refuse() -> None:
        message = "no"
        raise ValueError(message)

    engine = rhai.Engine()
    engine.register("host", "refuse", refuse)
    error = failed(engine.compile("fn f(x) {\n  try { host::refuse() } catch { }\n  10 / x }"), 0)
    assert error.line == 3


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("loop {\n    x += 1;\n  }", 3),
        ("while true {\n  }", 2),
        ("for i in 0..9223372036854775807 {\n    x += i % 2;\n  }", 3),
    ],
)
def test_a_run_that_is_stopped_from_outside_names_a_line_nearby(body: str, line: int) -> None:
    """Fuel ends a run anywhere: the place is the last that was seen, and says so."""
    engine = rhai.Engine(rhai.Limits(fuel=20_000_000, operations=0))
    error = failed(engine.compile(f"fn f(x) {{\n  {body}\n}}"), 0)
    assert isinstance(error, rhai.LimitError)
    assert error.limit == "fuel"
    assert error.place.near
    assert error.line is not None
    assert abs(error.line - line) <= 1
    assert "near line" in str(error)


def test_a_soft_limit_inside_a_function_gets_its_line() -> None:
    """Rhai's own limits lose their place on the way out of a called function."""
    engine = rhai.Engine(rhai.Limits(string_size=100))
    error = failed(engine.compile("fn f(x) {\n  let s = `abc`;\n  loop {\n    s += s;\n  }\n}"), 0)
    assert (error.code, error.line) == ("limit_string_size", 4)


def test_a_trap_gets_its_line() -> None:
    """A stack that runs out names function and line."""
    engine = rhai.Engine(rhai.Limits(call_depth=0))
    error = failed(engine.compile("fn f(x) {\n  f(x + 1)\n}"), 0)
    assert (error.code, error.line, error.function) == ("limit_stack", 2, "f")


def test_it_can_be_turned_off() -> None:
    """`diagnose=False` leaves such errors without a line."""
    error = failed(compiled(Counter(), diagnose=False), 0)
    assert (error.line, error.excerpt) == (None, "")
    assert error.message.startswith("Division by zero")


def test_it_is_rationed_for_each_script() -> None:
    """After a few failures in a row a script gets no second run for a while; another script does."""
    script = compiled(Counter())
    lines = [failed(script, 0).line for _ in range(50)]
    assert lines[:3] == [3, 3, 3]
    assert None in lines
    assert failed(compiled(Counter()), 0).line == 3


def test_a_ration_comes_back_with_time() -> None:
    """A few at once, then one for each interval."""
    time = 0.0
    budget = Budget(burst=2, interval_s=1, now=lambda: time)
    assert [budget.take(), budget.take(), budget.take()] == [True, True, False]
    time = 0.9
    assert not budget.take()
    time = 1.1
    assert [budget.take(), budget.take()] == [True, False]
    time = 100.0
    assert [budget.take(), budget.take(), budget.take()] == [True, True, False]


def test_errors_with_a_place_need_no_second_run() -> None:
    """They cost nothing of the ration."""
    script = compiled(Counter(), "fn f(x) { nope }\nfn g(x) {\n 10 / x }")
    for _ in range(20):
        assert failed(script, 0).line == 1
    assert failed(script, 0, function="g").line == 3


def test_top_level_failures_have_places_too() -> None:
    """Compiling runs the top level: what fails there is placed as well."""
    with pytest.raises(rhai.RuntimeError) as caught:
        rhai.Engine().compile("let a = 0;\n10 / a", name="top")
    assert (caught.value.line, caught.value.source_name) == (2, "top")


def test_a_failure_that_does_not_repeat_keeps_no_false_place() -> None:
    """What a session did before is not replayed: another failure's place would be a lie."""
    with rhai.Engine().session() as session:
        session.eval("fn f(n) {\n  10 / n\n}")
        with pytest.raises(rhai.RuntimeError, match="zero") as caught:
            session.call("f", 0)
    assert caught.value.line is None


def test_a_place_in_a_library_is_not_shown_in_the_script() -> None:
    """The line belongs to the library's text: it says so, and shows no line of another text."""
    engine = rhai.Engine(libraries={"util": "let unused = 1;\n\nfn half(x) {\n  x / 0\n}"})
    script = engine.compile('import "util" as u;\nfn f(x) {\n  u::half(x)\n}', name="main")
    error = failed(script, 1)
    assert (error.source_name, error.line, error.excerpt) == ("util", 4, "")


@pytest.mark.parametrize("document", [b"[]", b"[1, 2, 3]"])
def test_no_place_is_left_from_before(document: bytes) -> None:
    """A call that never began has no line."""
    script = rhai.Engine().compile("fn f(x) { x }\nprint(1);")
    with pytest.raises(rhai.RuntimeError) as caught:
        script.call_json("f", document)
    assert caught.value.line is None


def test_no_lines_are_left_from_before() -> None:
    """A call that is stopped at once has printed nothing."""
    script = rhai.Engine().compile("fn f() { 1 }\nprint(`top`);")
    with pytest.raises(rhai.LimitError) as caught:
        script.call("f", limits=rhai.Limits(fuel=5))
    assert caught.value.logs == ()


def test_what_the_host_says_does_not_fill_its_memory() -> None:
    """Beyond some megabytes the answers are not kept: the run fails as it does, without a second one."""
    engine = rhai.Engine(rhai.Limits(host_calls=20))
    engine.register("host", "much", lambda: "x" * 1_000_000)
    script = engine.compile("fn f() { loop { host::much(); } }")
    with pytest.raises(rhai.LimitError) as caught:
        script.call("f")
    assert (caught.value.limit, caught.value.line) == ("host_calls", None)
