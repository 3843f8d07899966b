"""Host functions: what may be offered, how scripts call them, and where they may not."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import pytest
import rhai

if TYPE_CHECKING:
    from collections.abc import Callable


def answer(function: Callable[..., object], call: str) -> object:
    """Let a script call one function as `host::f`."""
    engine = rhai.Engine()
    engine.register("host", "f", function)
    return engine.eval(call)


def spread(first: object, second: object = "usual", *rest: object, loud: bool = False) -> object:
    """Take one or more arguments."""
    return [first, second, list(rest), loud]


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("host::f(1)", [1, "usual", [], False]),
        ("host::f(1, 2)", [1, 2, [], False]),
        ("host::f(1, 2, 3)", [1, 2, [3], False]),
        ("host::f(1, 2, 3, 4, 5, 6, 7, 8)", [1, 2, [3, 4, 5, 6, 7, 8], False]),
        ("host::f(#{a: [1, 2.5]}, ())", [{"a": [1, 2.5]}, None, [], False]),
        ("host::f('x', `y${1}`)", ["x", "y1", [], False]),
        ("let a = blob(2, 1); host::f(a, 0..2)[0]", b"\1\1"),
    ],
)
def test_arguments_arrive_in_order(call: str, value: object) -> None:
    """Defaults fill what is missing, surplus goes to the star."""
    assert answer(spread, call) == value


@pytest.mark.parametrize("call", ["host::f()", "host::f(1,2,3,4,5,6,7,8,9)"])
def test_too_few_or_too_many_arguments_are_no_such_function(call: str) -> None:
    """Rhai knows a function by its number of arguments."""
    with pytest.raises(rhai.RuntimeError, match="Function not found: host::f"):
        answer(spread, call)


@pytest.mark.parametrize(
    ("function", "call", "value"),
    [
        (lambda: None, "host::f()", None),
        (len, "host::f([1, 2])", 2),
        (math.hypot, "host::f(3.0, 4.0)", 5.0),
        (functools.partial(pow, 2), "host::f(10)", 1024),
        (str.upper, "host::f(`a`)", "A"),
        (dict, "host::f()", {}),
        ("-".join, "host::f([`a`, `b`])", "a-b"),
    ],
)
def test_anything_that_can_be_called_may_be_offered(
    function: Callable[..., object], call: str, value: object
) -> None:
    """Lambdas, builtins, partials, methods and classes."""
    assert answer(function, call) == value


def test_a_decorator_registers_and_leaves_the_function() -> None:
    """The decorated function is still itself."""
    engine = rhai.Engine()

    @engine.function("sums::double")
    def double(number: int) -> int:
        """Double."""
        return number * 2

    assert double(4) == 8
    assert engine.eval("sums::double(4)") == 8


def test_a_method_call_style_is_the_scripts_to_choose() -> None:
    """An import gives a module another name; both lead to the same function."""
    engine = rhai.Engine()
    engine.register("storage", "get", lambda key: key + "!")
    assert engine.eval('import "storage" as s; s::get(`a`) + storage::get(`b`)') == "a!b!"


@pytest.mark.parametrize("name", ["", "a b", "a-b", "1a", "fn", "let", "this", "a::b", "ä", "\ud800", "a\n"])
def test_names_that_scripts_could_not_write_are_refused(name: str) -> None:
    """Words of the language and strange characters are no names."""
    engine = rhai.Engine()
    with pytest.raises(ValueError, match="function"):
        engine.register("host", name, len)
    with pytest.raises(ValueError, match="module"):
        engine.register(name, "f", len)


def test_a_name_without_module_is_refused() -> None:
    """Scripts call host functions as module::name, always."""
    with pytest.raises(ValueError, match="module"):
        rhai.Engine().function("double")


def test_signatures_that_scripts_cannot_serve_are_refused() -> None:
    """Keyword arguments that must be given, nine arguments, and what cannot be called."""
    engine = rhai.Engine()
    with pytest.raises(TypeError, match="keyword"):
        engine.register("host", "f", lambda *, must: must)
    with pytest.raises(TypeError, match="at most 8"):
        engine.register("host", "f", lambda a, b, c, d, e, f, g, h, i: (a, b, c, d, e, f, g, h, i))
    with pytest.raises(TypeError, match="called"):
        engine.register("host", "f", 5)  # type: ignore[arg-type] # that is the test


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("let a = 1;\nhost::f(1);", 2),
        ("try { host::f(1) } catch { 5 }", 1),
        ('\nimport "host" as h;\nlet x = h::f(1);', 3),
    ],
)
def test_compiling_calls_no_host_function(text: str, line: int) -> None:
    """A call at the top level is refused with its line, even inside `try`."""
    engine = rhai.Engine()
    calls: list[object] = []
    engine.register("host", "f", calls.append)
    with pytest.raises(rhai.SyntaxError, match="host::f is a function of the host") as caught:
        engine.compile(text)
    assert caught.value.line == line
    assert calls == []
    assert engine.eval(text.replace("host::f(1);", "host::f(1)")) in {None, 5}


def test_a_refused_call_inside_a_function_names_its_own_line() -> None:
    """The line is that of the host call, not of the call that led there."""
    engine = rhai.Engine()
    engine.register("host", "f", len)
    with pytest.raises(rhai.SyntaxError) as caught:
        engine.compile("fn a() {\n  host::f(1) }\na();")
    assert caught.value.line == 2


def test_host_functions_may_run_scripts() -> None:
    """A script calls Python, which calls a script of another engine."""
    inner, outer = rhai.Engine(), rhai.Engine()
    outer.register("inner", "sum", inner.compile("fn sum(a, b) { a + b }").call)
    outer.register("inner", "text", inner.eval)
    assert outer.eval("inner::sum(`sum`, 20, 22) + inner::text(`1 + 1`)") == 44


def test_the_number_of_calls_is_counted() -> None:
    """The cost says how often the host was called."""
    engine = rhai.Engine()
    engine.register("host", "f", abs)
    assert engine.run("for i in 0..7 { host::f(i); }").cost.host_calls == 7
