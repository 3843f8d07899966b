"""Every failure is one of a few classes, with code, message, place, excerpt and trace."""

from __future__ import annotations

import pickle

import pytest
import rhai


def failure(source: str, engine: rhai.Engine | None = None, **variables: object) -> rhai.RhaiError:
    """Run a text that must fail."""
    with pytest.raises(rhai.RhaiError) as caught:
        (engine or rhai.Engine()).eval(source, **variables)
    return caught.value


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("let x = ;", (1, 9)),
        ("let a = 1;\nlet b = a +* 2;", (2, 12)),
        ("fn f() {\n", (2, 1)),
        ("1 +", (1, 4)),
        ('\n\n"abc', (3, 1)),
        ("let x = 1;\n  sleep(5);", (2, 3)),
        ("timestamp()", (1, 1)),
        ("eval(`1`)", (1, 1)),
        ("const A = 1;\nA = 2;", (2, 1)),
        ("let p = `x`;\nimport p as q;", (2, 1)),
    ],
)
def test_a_text_that_is_no_script_names_line_and_column(source: str, place: tuple[int, int]) -> None:
    """Syntax errors stand where Rhai found them."""
    error = failure(source)
    assert isinstance(error, rhai.SyntaxError)
    assert (error.code, error.line, error.column) == ("syntax", *place)
    assert error.excerpt


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("let a = 1;\nlet b = a + nope;", (2, 13)),
        ("foo(1)", (1, 1)),
        ("shop::put(1)", (1, 1)),
        ("let a = [1];\na[5]", (2, 3)),
        ("let m = #{};\nm.a.b", (2, 5)),
        ("10 / zero", (1, 6)),
        ("10 % zero", (1, 6)),
        ("let x = 9223372036854775807;\nx + 1", (2, 5)),
        ("parse_int(`x`)", (1, 1)),
        ("1 + ()", (1, 3)),
        ('import "nowhere" as n;', (1, 8)),
        ("fn f(x) {\n  10 / x\n}\nlet a = 1;\nf(zero)", (2, 8)),
    ],
)
def test_a_script_that_fails_names_line_and_column(source: str, place: tuple[int, int]) -> None:
    """Failures at run time have a place too, those among them that Rhai itself reports without one."""
    error = failure(source, zero=0)
    assert isinstance(error, rhai.RuntimeError)
    assert (error.code, error.line, error.column) == ("runtime", *place)
    assert error.value is None


def test_the_text_of_an_error_shows_the_line_with_a_caret() -> None:
    """Message, place, then the line and a caret below the column."""
    with pytest.raises(rhai.RuntimeError) as caught:
        rhai.Engine().run("let a = 1;\n  a + nope", name="price.rhai")
    assert str(caught.value).splitlines() == [
        "Variable not found: nope (line 2, column 7 of price.rhai)",
        " 2 |   a + nope",
        "   |       ^",
    ]


def test_an_excerpt_of_a_long_line_is_cut_around_the_column() -> None:
    """A script in one line of 5,000 characters does not fill the log, and the caret still fits."""
    error = failure("let a = 1; " + " " * 5000 + "nope" + " " * 5000)
    first, second = error.excerpt.splitlines()
    assert len(first) < 200
    assert first[second.index("^") :].startswith("nope")


def test_an_excerpt_holds_no_control_characters() -> None:
    """A terminal shows an excerpt as it stands."""
    error = failure("let a = `\x1b[31m\x07`; nope")
    assert error.excerpt.replace("\n", "").isprintable()


def test_the_attributes_say_the_same_as_the_place() -> None:
    """The flat attributes and the place are one."""
    error = failure("fn f() {\n nope }\nf()")
    place = error.place
    assert (error.line, error.column, error.source_name, error.function) == (2, 2, "eval", "f")
    assert (place.line, place.column, place.source_name, place.function) == (2, 2, "eval", "f")
    assert not place.near
    assert str(place) == "line 2, column 2 of eval in f()"


def test_the_trace_leads_from_the_outermost_call_to_the_cause() -> None:
    """Each frame names a function and where it was called."""
    error = failure("fn low(x) { throw x }\nfn high(x) {\n  low(x)\n}\nhigh(1)")
    assert [(frame.function, frame.line, frame.column) for frame in error.trace] == [
        ("high", 5, 1),
        ("low", 3, 3),
    ]


def test_a_called_function_is_part_of_the_trace() -> None:
    """`Script.call` is the outermost frame, without a line of its own."""
    script = rhai.Engine().compile("fn low() { nope }\nfn high() { low() }", name="s")
    with pytest.raises(rhai.RuntimeError) as caught:
        script.call("high")
    assert [(frame.function, frame.line) for frame in caught.value.trace] == [("high", None), ("low", 2)]
    assert (caught.value.function, caught.value.line, caught.value.source_name) == ("low", 1, "s")


def test_closures_are_called_closures() -> None:
    """Rhai's inner name of a closure is not shown to people."""
    assert str(rhai.Place("s", 1, 2, "anon$a2c0db88598f58e3")) == "line 1, column 2 of s in a closure"


@pytest.mark.parametrize(
    ("thrown", "value"),
    [
        ("5", 5),
        ("`bad`", "bad"),
        ("#{why: [1, 2.5]}", {"why": [1, 2.5]}),
        ("()", None),
        ("blob(2)", b"\0\0"),
        ("0..3", range(3)),
        ("[blob(1)]", [b"\0"]),
        ("|x| x", None),
    ],
)
def test_a_thrown_value_is_kept(thrown: str, value: object) -> None:
    """`.value` is what the script threw; what cannot leave is None."""
    error = failure(f"let a = 1;\nthrow {thrown}")
    assert isinstance(error, rhai.RuntimeError)
    assert (error.code, error.value, error.line) == ("thrown", value, 2)


def test_a_huge_thrown_value_is_left_behind() -> None:
    """An error stays small, whatever was thrown."""
    error = failure("let a = []; a.pad(20000, 12345); throw a")
    assert isinstance(error, rhai.RuntimeError)
    assert error.value is None
    assert len(str(error)) < 1000
    assert len(failure("let s = ``; s.pad(500000, 'x'); throw s").message) < 5000


def test_what_a_script_catches_is_no_error() -> None:
    """Try and catch work as in Rhai, with the thrown value."""
    assert rhai.Engine().eval("let a = 0; try { throw #{code: 7} } catch (e) { a = e.code } a") == 7


def test_what_was_printed_before_the_end_is_kept() -> None:
    """The lines that led to a failure are in the error."""
    assert [str(line) for line in failure("print(`one`); print(`two`); nope").logs] == ["one", "two"]
    endless = rhai.Engine(rhai.Limits(fuel=5_000_000, operations=0))
    assert [str(line) for line in failure("print(`begun`); loop {}", endless).logs] == ["begun"]


@pytest.mark.parametrize(
    "error",
    [
        failure("let x = ;"),
        failure("fn f(x) { throw #{a: [x]} }\nprint(1); f(2)"),
        failure("loop {}"),
        failure("|x| x"),
        failure("nope"),
    ],
    ids=lambda error: error.code,
)
def test_errors_survive_pickling(error: rhai.RhaiError) -> None:
    """An error reaches the parent process with all that it says."""
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_every_error_is_a_rhai_error() -> None:
    """One `except` catches all; the names below it are these."""
    kinds = {
        kind for kind in vars(rhai).values() if isinstance(kind, type) and issubclass(kind, rhai.RhaiError)
    }
    assert {kind.__name__ for kind in kinds} == {
        "RhaiError",
        "SyntaxError",
        "RuntimeError",
        "LimitError",
        "HostError",
        "ConversionError",
        "InternalError",
    }


@pytest.mark.parametrize("bad", ["\ud800", "let a = `\udfff`;"])
def test_a_text_with_lone_surrogates_is_no_script(bad: str) -> None:
    """It is refused as a syntax error, as text and as name."""
    engine = rhai.Engine()
    for attempt in (
        lambda: engine.eval(bad),
        lambda: engine.compile(bad),
        lambda: engine.session().eval(bad),
    ):
        with pytest.raises(rhai.SyntaxError, match="surrogate"):
            attempt()
    with pytest.raises(rhai.SyntaxError, match="surrogate"):
        engine.compile("1", name=bad)
