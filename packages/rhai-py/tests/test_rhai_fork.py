"""After a fork everything goes on in parent and child, the time limit included."""

from __future__ import annotations

import os
import sys
import threading
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
import rhai

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    # Python warns of forks in a process with threads, which is what is tested here.
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]
SPINS = (
    "let n = 0; fn add(a, b) { this.n += 1; a + b + this.n } fn spin() { loop { } } fn fail(x) {\n 10 / x }"
)


def in_child(check: Callable[[], None]) -> None:
    """Run a check in a forked child; it must come back well within the time of a test."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            check()
            status = 0
        finally:
            sys.stdout.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status == 0


@pytest.fixture
def script() -> rhai.Script:
    """Compile a script whose endless loop only time stops, and use it once."""
    engine = rhai.Engine(rhai.Limits(fuel=2**60, operations=0, timeout_ms=300))
    engine.register("host", "pid", os.getpid)
    made = engine.compile(SPINS)
    assert made.call("add", 1, 2) == 4
    return made


def limited(script: rhai.Script) -> None:
    """Call everything: answers, errors with places, time limits."""
    assert script.call("add", 1, 2) == 4
    with pytest.raises(rhai.LimitError) as stopped:
        script.call("spin")
    assert stopped.value.limit == "timeout_ms"
    with pytest.raises(rhai.RuntimeError) as failed:
        script.call("fail", 0)
    assert failed.value.line == 2


def test_a_script_works_in_the_child_and_in_the_parent(script: rhai.Script) -> None:
    """Compiled before the fork, called after it, on both sides."""
    in_child(lambda: limited(script))
    limited(script)


def test_a_child_of_a_child_works_too(script: rhai.Script) -> None:
    """Forks may nest."""
    in_child(lambda: in_child(lambda: limited(script)))


def test_an_engine_compiles_after_the_fork() -> None:
    """The child makes its own."""
    engine = rhai.Engine()
    engine.register("host", "pid", os.getpid)
    parent = engine.eval("host::pid()")

    def check() -> None:
        assert engine.eval("host::pid()") == os.getpid() != parent
        assert engine.compile("fn f() { host::pid() }").call("f") == os.getpid()

    in_child(check)


def test_a_fork_in_the_middle_of_other_threads_calls(script: rhai.Script) -> None:
    """Threads of the parent that are inside a call hold nothing that the child needs."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            script.call("add", 1, 2)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            in_child(lambda: limited(script))
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    limited(script)


def test_a_fork_inside_a_host_function(script: rhai.Script) -> None:
    """A child that is born inside a call may call scripts of its own."""
    engine = rhai.Engine(rhai.Limits(timeout_ms=60_000))
    engine.register("host", "fork", lambda: in_child(lambda: limited(script)))
    assert engine.eval("host::fork(); 5") == 5


def test_a_session_may_be_opened_after_the_fork(script: rhai.Script) -> None:
    """Sessions of the child are the child's."""

    def check() -> None:
        with script.session() as session:
            assert [session.call("add", 1, 2), session.call("add", 1, 2)] == [4, 5]

    in_child(check)


_SHARED = rhai.Engine().compile("fn square(x) { x * x }")


def square(number: int) -> object:
    """Call the script that the parent compiled."""
    return _SHARED.call("square", number)


def test_a_pool_of_forked_processes_shares_a_script() -> None:
    """The common way to spread work."""
    with get_context("fork").Pool(2) as pool:
        assert pool.map_async(square, range(50)).get(30) == [n * n for n in range(50)]
