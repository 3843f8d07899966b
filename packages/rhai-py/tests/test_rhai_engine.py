"""An engine runs texts: constants, libraries, listeners, and what it keeps apart."""

from __future__ import annotations

import pytest
import rhai


def test_a_text_is_run_from_top_to_bottom() -> None:
    """The last value is the answer; a text without one answers None."""
    engine = rhai.Engine()
    assert engine.eval("let a = 1; let b = a + 1; b * 21") == 42
    assert engine.eval("let a = 1;") is None
    assert engine.eval("") is None
    assert engine.eval("return 5; 6") == 5
    assert engine.eval("exit(7); 8") == 7


def test_variables_are_given_by_name() -> None:
    """They are variables: a script may change its own copy."""
    given = {"list": [1]}
    assert rhai.Engine().eval("a.list.push(2); n += 1; [a.list, n]", a=given, n=1) == [[1, 2], 2]
    assert given == {"list": [1]}


def test_variables_of_any_name_go_through_run() -> None:
    """`run` takes a mapping, so that a variable may be called `source`."""
    assert rhai.Engine().run("source + name", {"source": 1, "name": 2}).value == 3


def test_a_run_answers_value_cost_and_lines() -> None:
    """An outcome tells all that there is to tell."""
    engine = rhai.Engine()
    engine.register("host", "one", lambda: 1)
    done = engine.run("print(`a`); debug(`b`); host::one(); [1, 2]", name="told")
    assert done.value == [1, 2]
    assert [(line.kind, line.text.split()[-1]) for line in done.logs] == [("print", "a"), ("debug", '"b"')]
    assert done.dropped == 0
    assert (done.cost.host_calls, done.cost.output) == (1, len("[1,2]"))
    assert done.cost.elapsed_ms > 0


def test_debug_lines_name_their_place() -> None:
    """`debug` says in which text and at which line it stands."""
    assert str(rhai.Engine().run("\n  debug(1)", name="told").logs[0]) == "told 2:3 1"


def test_runs_leave_nothing_behind() -> None:
    """Variables, functions and printed lines are gone with their run."""
    engine = rhai.Engine()
    engine.eval("let a = 1; fn f() { 1 } print(`x`);")
    for text in ("a", "f()"):
        with pytest.raises(rhai.RuntimeError):
            engine.eval(text)
    assert engine.run("1").logs == ()


def test_constants_are_seen_by_every_script() -> None:
    """At the top by name, in the functions of a compiled script below `global`; nobody changes them."""
    engine = rhai.Engine(scope={"ANSWER": 42, "words": ["a"]})
    assert engine.eval("ANSWER + words.len") == 43
    assert engine.compile("fn f() { global::ANSWER + 1 }").call("f") == 43
    with pytest.raises(rhai.RuntimeError, match="constant"):
        engine.eval("ANSWER = 1")


def test_constants_are_seen_by_the_functions_of_a_text() -> None:
    """`global` has the engine's constants in a run as in a compiled script."""
    assert rhai.Engine(scope={"ANSWER": 42}).eval("fn f() { global::ANSWER } f()") == 42


def test_libraries_are_imported_by_name() -> None:
    """A library is a script: its functions are seen behind the alias, its exports too."""
    engine = rhai.Engine(libraries={"text": "fn loud(s) { s.to_upper() }\nexport const MARK = `!`;"})
    assert engine.eval('import "text" as t; t::loud(`hi`) + t::MARK') == "HI!"
    script = engine.compile('import "text" as t;\nfn f(s) { t::loud(s) }')
    assert script.call("f", "ho") == "HO"
    assert script.imports == ("text",)


def test_a_library_may_import_those_before_it() -> None:
    """Libraries see the ones that were given earlier."""
    engine = rhai.Engine(
        libraries={
            "one": "fn one() { 1 }",
            "two": 'import "one" as o;\nfn two() { import "one" as o; o::one() + 1 }',
        }
    )
    assert engine.eval('import "two" as t; t::two()') == 2


@pytest.mark.parametrize("path", ["nowhere", "/etc/passwd", "../text", "text.rhai"])
def test_no_file_is_ever_imported(path: str) -> None:
    """Only what was given by name exists."""
    with pytest.raises(rhai.RuntimeError, match="Module not found"):
        rhai.Engine(libraries={"text": ""}).eval(f'import "{path}" as x;')


def test_a_broken_library_is_told_at_first_use() -> None:
    """It is an error of its own kind, with its message."""
    engine = rhai.Engine(libraries={"broken": "fn f( {"})
    with pytest.raises(rhai.SyntaxError):
        engine.eval("1")


def test_a_broken_library_is_named() -> None:
    """The place stands in the library."""
    engine = rhai.Engine(libraries={"broken": "\nfn f( {"})
    with pytest.raises(rhai.SyntaxError) as caught:
        engine.eval("1")
    assert (caught.value.source_name, caught.value.line) == ("broken", 2)


def test_listeners_hear_what_runs_print() -> None:
    """Both kinds of lines, in order, from texts, scripts, sessions, and runs that fail."""
    engine = rhai.Engine()
    heard: list[str] = []

    @engine.on_print
    def printed(text: str) -> None:
        heard.append(text)

    @engine.on_debug
    def debugged(text: str) -> None:
        heard.append("debug " + text.rpartition(" ")[2])

    engine.eval("print(1); debug(2); print(3)")
    script = engine.compile("fn f() { print(`called`) } print(`top`);")
    script.call("f")
    with script.session() as session:
        session.call("f")
    with pytest.raises(rhai.RuntimeError):
        engine.eval("print(`last words`); nope")
    assert heard == ["1", "debug 2", "3", "top", "called", "called", "last words"]


def test_a_listener_that_fails_is_the_callers_matter() -> None:
    """Its exception comes out of the call; the engine is unharmed."""
    engine = rhai.Engine()

    @engine.on_print
    def fail(text: str) -> None:
        raise OSError(text)

    with pytest.raises(OSError, match="full"):
        engine.eval("print(`full`)")
    assert engine.eval("1") == 1


def test_engines_know_nothing_of_each_other() -> None:
    """Functions, constants and limits belong to one engine."""
    one, two = rhai.Engine(scope={"A": 1}), rhai.Engine(rhai.Limits(string_size=3))
    one.register("host", "f", lambda: 1)
    assert one.eval("host::f() + A") == 2
    for text in ("host::f()", "A"):
        with pytest.raises(rhai.RuntimeError):
            two.eval(text)
    assert one.eval("`abcdef`") == "abcdef"


def test_a_compiled_script_keeps_the_functions_it_was_compiled_with() -> None:
    """Later registrations are for later scripts."""
    engine = rhai.Engine()
    engine.register("host", "f", lambda: "old")
    script = engine.compile("fn f() { host::f() } fn g() { host::g() }")
    engine.register("host", "f", lambda: "new")
    engine.register("host", "g", lambda: "g")
    assert (script.call("f"), engine.eval("host::f()"), engine.eval("host::g()")) == ("old", "new", "g")
    with pytest.raises(rhai.RuntimeError):
        script.call("g")


def test_what_cannot_be_safe_says_so_by_name() -> None:
    """`eval`, `sleep` and `timestamp` are refused before anything runs; a script may have its own."""
    engine = rhai.Engine()
    for text in ("eval(`1`)", "sleep(1)", "timestamp()"):
        with pytest.raises(rhai.SyntaxError, match=text.partition("(")[0]):
            engine.compile(f"fn f() {{ {text} }}")
    assert engine.eval("fn sleep(n) { n } sleep(5)") == 5
