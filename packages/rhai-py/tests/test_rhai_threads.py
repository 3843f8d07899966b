"""Engines and scripts are shared between threads without a word."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import rhai

TEXT = """\
let seen = 0;
fn work(n) {
  this.seen += 1;
  let sum = 0;
  for i in 0..n { sum += i; }
  [this.seen, sum, host::name(n)]
}
fn fail(n) { throw n }
fn spin() { loop { } }
"""


@pytest.fixture
def engine() -> rhai.Engine:
    """Make an engine whose host function answers its argument."""
    made = rhai.Engine(rhai.Limits(fuel=50_000_000, timeout_ms=30_000), diagnose=False)
    made.register("host", "name", lambda n: f"number {n}")
    return made


def test_one_script_in_many_threads(engine: rhai.Engine) -> None:
    """Every call has its own state and gets its own answer, failures in between included."""
    script = engine.compile(TEXT)

    def call(n: int) -> object:
        if n % 7 == 0:
            with pytest.raises(rhai.RuntimeError) as caught:
                script.call("fail", n)
            return caught.value.value
        if n % 31 == 0:
            with pytest.raises(rhai.LimitError):
                script.call("spin")
            return n
        return script.call("work", n)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(1, 400)))
    for n, answer in enumerate(answers, 1):
        assert answer == (n if n % 7 == 0 or n % 31 == 0 else [1, n * (n - 1) // 2, f"number {n}"])


def test_one_engine_compiles_and_runs_in_many_threads(engine: rhai.Engine) -> None:
    """Texts, scripts and registrations do not mix."""

    def work(n: int) -> object:
        engine.register("own", f"f{n}", lambda: n)
        script = engine.compile(f"fn f(x) {{ x + {n} }}")
        return [script.call("f", 1), engine.eval(f"{n} * 2"), engine.eval(f"own::f{n}()")]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(60))) == [[n + 1, n * 2, n] for n in range(60)]


def test_a_session_may_move_to_another_thread(engine: rhai.Engine) -> None:
    """One thread after the other is one at a time."""
    session = engine.compile(TEXT).session()
    with ThreadPoolExecutor(1) as pool:
        assert session.call("work", 1)[0] == 1
        assert pool.submit(session.call, "work", 1).result()[0] == 2
    assert session.call("work", 1)[0] == 3


def test_threads_that_end_leave_nothing_behind(engine: rhai.Engine) -> None:
    """A hundred short-lived threads call and go."""
    script = engine.compile(TEXT)
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(script.call("work", 3)[1])) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [3] * 100


def test_listeners_hear_every_thread(engine: rhai.Engine) -> None:
    """Each run's lines come whole, in the thread that ran it."""
    heard: dict[int, list[str]] = {}
    engine.on_print(lambda text: heard.setdefault(threading.get_ident(), []).append(text))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: engine.eval(f"print(`{n}a`); print(`{n}b`)"), range(40)))
    assert sum(map(len, heard.values())) == 80
    for lines in heard.values():
        assert all(first[:-1] == second[:-1] for first, second in zip(lines[::2], lines[1::2], strict=True))
