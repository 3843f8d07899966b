"""A host function that fails, or answers what Rhai lacks: who is told, and how."""

from __future__ import annotations

import pytest
import rhai


def failure(source: str, engine: rhai.Engine) -> rhai.RhaiError:
    """Run a text that must fail."""
    with pytest.raises(rhai.RhaiError) as caught:
        engine.eval(source)
    return caught.value


def refuse(*_: object) -> None:
    """Fail as a host function may."""
    message = "the shelf is full"
    raise LookupError(message)


@pytest.fixture
def shop() -> rhai.Engine:
    """Make an engine whose host function fails."""
    engine = rhai.Engine()
    engine.register("shop", "put", refuse)
    return engine


def test_a_failing_host_function_is_the_cause(shop: rhai.Engine) -> None:
    """HostError names function, exception and place; the exception is its cause."""
    error = failure("let a = 1;\nshop::put(a)", shop)
    assert isinstance(error, rhai.HostError)
    assert isinstance(error.__cause__, LookupError)
    assert (error.code, error.message, error.line) == ("host", "shop::put: LookupError: the shelf is full", 2)


def test_a_script_may_catch_a_failing_host_function(shop: rhai.Engine) -> None:
    """It gets a map that says what failed, and may throw it on."""
    caught = shop.eval("let seen = (); try { shop::put(1) } catch (e) { seen = e } seen")
    assert caught == {
        "call": 0,
        "error": "host",
        "function": "shop::put",
        "message": "LookupError: the shelf is full",
    }
    again = failure("try { shop::put(1) } catch (e) { throw e }", shop)
    assert isinstance(again, rhai.HostError)
    assert isinstance(again.__cause__, LookupError)


def test_a_script_cannot_pretend_a_host_failure(shop: rhai.Engine) -> None:
    """A thrown map that looks like one is a thrown map."""
    error = failure("throw #{error: `host`, function: `shop::put`, message: `x`, `call`: 0}", shop)
    assert isinstance(error, rhai.RuntimeError)
    assert error.__cause__ is None


def test_nested_failures_read_as_one_line(shop: rhai.Engine) -> None:
    """A script's error that a host function lets through keeps its message and sheds its excerpt."""
    outer = rhai.Engine()
    outer.register("inner", "run", shop.eval)
    error = failure("inner::run(`1; shop::put(2)`)", outer)
    assert isinstance(error, rhai.HostError)
    assert "\n" not in error.message
    assert isinstance(error.__cause__, rhai.HostError)
    assert isinstance(error.__cause__.__cause__, LookupError)


def test_results_that_cannot_enter_are_the_host_functions_fault() -> None:
    """A host function that answers what Rhai lacks fails like one that raises."""
    engine = rhai.Engine()
    engine.register("clock", "now", lambda: [object()])
    error = failure("clock::now()", engine)
    assert isinstance(error, rhai.HostError)
    assert isinstance(error.__cause__, rhai.ConversionError)
    assert error.__cause__.path == "result of clock::now[0]"


@pytest.mark.parametrize("result", [2**70, {1: 2}, {1}, "\ud800"])
def test_results_that_the_guest_refuses_are_host_errors_too(result: object) -> None:
    """It makes no difference which side notices that a result has no counterpart."""
    engine = rhai.Engine()
    engine.register("clock", "now", lambda: result)
    error = failure("\nclock::now()", engine)
    assert isinstance(error, rhai.HostError)
    assert isinstance(error.__cause__, rhai.ConversionError)
    assert error.__cause__.path == "result of clock::now"
    assert error.message.startswith("clock::now: ")
    assert error.line == 2


def test_functions_cannot_be_handed_to_the_host(shop: rhai.Engine) -> None:
    """A closure as an argument of a host function is an error that the script may catch."""
    assert "function pointer" in failure("shop::put(|x| x)", shop).message
    assert "[0][1].f" in failure("shop::put([1, #{f: |x| x}])", shop).message


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit])
def test_what_is_no_exception_passes_through(raised: type[BaseException]) -> None:
    """Ctrl-C inside a host function ends the run, past every `catch`; the engine still works."""

    def stop() -> None:
        raise raised

    engine = rhai.Engine()
    engine.register("host", "stop", stop)
    with pytest.raises(raised):
        engine.eval("try { host::stop() } catch { 1 }")
    assert engine.eval("1") == 1
