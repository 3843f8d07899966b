"""A session keeps its state from call to call, until it is reset, ended or closed."""

from __future__ import annotations

import threading

import pytest
import rhai
import wasmlane

COUNTER = """\
let count = 0;
const STEP = 2;
fn next() { this.count += global::STEP; this.count }
fn spin() { loop { } }
fn fail() {
  this.count += 100;
  throw this.count
}
"""


@pytest.fixture
def script() -> rhai.Script:
    """Compile a counter whose endless loop only fuel stops."""
    return rhai.Engine(rhai.Limits(fuel=20_000_000, operations=0)).compile(COUNTER, name="counter")


def test_a_session_of_a_script_keeps_this(script: rhai.Script) -> None:
    """Its calls see what earlier ones left; the script itself and other sessions do not."""
    with script.session() as one, script.session() as two:
        assert [one.call("next"), one.call("next"), two.call("next"), script.call("next")] == [2, 4, 2, 2]


def test_a_session_of_an_engine_keeps_variables_and_functions() -> None:
    """What a text defines is there for the next; a later function takes the place of an earlier one."""
    with rhai.Engine().session() as session:
        session.eval("let x = 20; fn twice(n) { n * 2 }")
        session.eval("x += 1;")
        assert session.eval("twice(x)") == 42
        assert session.call("twice", 4) == 8
        session.eval("fn twice(n) { n + n + 1 }")
        assert session.eval("twice(x)") == 43


def test_a_session_takes_variables() -> None:
    """They stay, and may be given anew."""
    with rhai.Engine().session() as session:
        assert session.eval("x + 1", x=1) == 2
        assert session.eval("x += 5; x") == 6
        assert session.eval("x", x=0) == 0
        assert session.eval("source", source="any name") == "any name"


def test_a_session_answers_cost_and_lines(script: rhai.Script) -> None:
    """`run` tells what a call cost."""
    with script.session() as session:
        done = session.run("next")
        assert (done.value, done.logs) == (2, ())
        assert done.cost.fuel > 0


def test_an_error_keeps_the_state(script: rhai.Script) -> None:
    """What a script did before it threw has happened."""
    with script.session() as session:
        with pytest.raises(rhai.RuntimeError) as caught:
            session.call("fail")
        assert (caught.value.value, caught.value.line) == (100, 7)
        assert session.call("next") == 102


def test_a_stopped_session_says_so_until_reset(script: rhai.Script) -> None:
    """After a trap the state is gone: each call tells, and `reset` starts again."""
    with script.session() as session:
        assert session.call("next") == 2
        with pytest.raises(rhai.LimitError):
            session.call("spin")
        for _ in range(2):
            with pytest.raises(rhai.RuntimeError, match="reset") as caught:
                session.call("next")
            assert caught.value.code == "ended"
        session.reset()
        assert session.call("next") == 2


def test_reset_forgets(script: rhai.Script) -> None:
    """A reset session is a new one."""
    with script.session() as session:
        session.call("next")
        session.eval("fn later() { 1 } let y = 1;")
        session.reset()
        assert session.call("next") == 2
        with pytest.raises(rhai.RuntimeError):
            session.call("later")


def test_a_closed_session_is_closed(script: rhai.Script) -> None:
    """Using it further is a mistake of the program."""
    session = script.session()
    session.close()
    session.close()
    with pytest.raises(wasmlane.LaneError):
        session.call("next")


def test_a_session_belongs_to_one_thread_at_a_time() -> None:
    """A second thread in the middle of a call is told, and the first one is not disturbed."""
    entered, leave = threading.Event(), threading.Event()
    engine = rhai.Engine(rhai.Limits(timeout_ms=60_000))

    def wait() -> int:
        entered.set()
        leave.wait(30)
        return 1

    engine.register("host", "wait", wait)
    session = engine.compile("fn f() { host::wait() }").session()
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(session.call("f")))
    thread.start()
    assert entered.wait(30)
    with pytest.raises(wasmlane.LaneError):
        session.call("f")
    leave.set()
    thread.join(30)
    assert answers == [1]


def test_errors_of_a_session_show_its_own_text(script: rhai.Script) -> None:
    """The excerpt is of the text that was given last, never a line of another text."""
    with script.session() as session:
        with pytest.raises(rhai.SyntaxError) as caught:
            session.eval("let a = 1;\nlet b = ;")
        assert caught.value.excerpt.startswith(" 2 | let b = ;")
        session.eval("fn inner() {\n  nope }")
        with pytest.raises(rhai.RuntimeError) as again:
            session.call("inner")
        assert (again.value.line, again.value.excerpt) == (2, "")


def test_a_session_calls_host_functions() -> None:
    """The door is open in every call of it."""
    engine = rhai.Engine()
    engine.register("host", "double", lambda x: x * 2)
    with engine.session() as session:
        assert session.eval("let y = host::double(4); y") == 8
        assert session.eval("host::double(y)") == 16


def test_a_session_keeps_the_source_limit() -> None:
    """Its texts are counted as others are."""
    with rhai.Engine(rhai.Limits(source_size=10)).session() as session, pytest.raises(rhai.LimitError):
        session.eval("let long_name = 1;")
