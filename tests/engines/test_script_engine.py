"""The script engine as the hub sees it: code is loaded or refused with its place, a run is an outcome."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from neira.engines.rhai import RhaiEngine
from neira.errors.code import BadCode
from neira.limits import allot, most
from neira.model import Outcome
from neira.ports import Refused
from neira.settings import ScriptSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.engines.rhai import RhaiProgram
    from neira.model import Json

SETTINGS = ScriptSettings()
FUNCTIONS = (("host::answer", 0, 2), ("host::refuse", 1, 1), ("host::fail", 0, 0))


class Answering:
    """A host that answers with what it was asked, refuses what it is told to, and may be broken."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[Json]]] = []

    def call(self, function: str, arguments: Sequence[Json]) -> Json:
        """Answer."""
        self.calls.append((function, list(arguments)))
        if function == "host::refuse":
            raise Refused(str(arguments[0]), "not today")
        if function == "host::fail":
            raise RuntimeError("a fault of ours, with a path: /home/neira")
        return list(arguments)


@pytest.fixture(scope="module")
def engine() -> RhaiEngine:
    """Make one engine, as a process does."""
    return RhaiEngine(FUNCTIONS, most(SETTINGS))


def load(engine: RhaiEngine, source: str, **limits: int) -> RhaiProgram:
    """Load a script under the default limits, or others."""
    return engine.load(
        source.encode(), name="test.rhai", budget=allot({"limits": limits}, SETTINGS, on_trial=False).budget
    )


def test_what_a_script_has_and_calls_is_known_without_running_it(engine: RhaiEngine) -> None:
    """Its functions with their parameters, the host functions with their places."""
    program = load(
        engine, "fn handle(event) {\n  host::answer(1);\n}\nprivate fn hidden() { }\nfn on_tick(ms) { }\n"
    )
    assert dict(program.functions) == {"handle": 1, "on_tick": 1}
    assert [(call.function, call.line) for call in program.host_calls] == [("host::answer", 2)]


@pytest.mark.parametrize(
    ("artifact", "line"), [(b"fn handle( {", 1), (b"let x = 1;\nlet y = ;", 2), (b"\xff\xfe", None)]
)
def test_what_cannot_be_read_is_refused_with_its_place(
    engine: RhaiEngine, artifact: bytes, line: int | None
) -> None:
    """Text that is no script, and bytes that are no text."""
    with pytest.raises(BadCode) as caught:
        engine.load(artifact, name="bad.rhai", budget=allot({}, SETTINGS, on_trial=False).budget)
    assert caught.value.details["line"] == line


@pytest.mark.parametrize(
    ("source", "outcome", "code"),
    [
        ("fn f() { 40 + 2 }", Outcome.OK, None),
        ("fn f() { throw 1 }", Outcome.ERROR, "script_thrown"),
        ("fn f() { missing() }", Outcome.ERROR, "script_runtime"),
        ("fn f() { loop {} }", Outcome.LIMIT, "limit"),
        ('fn f() { host::refuse("scope_missing") }', Outcome.DENIED, "scope_missing"),
        ("fn f() { host::fail() }", Outcome.ERROR, "host_failed"),
        ("fn f() { |x| x }", Outcome.BAD_OUTPUT, "bad_output"),
    ],
    ids=["ok", "thrown", "runtime", "limit", "refused", "host", "no value"],
)
def test_a_run_always_returns(engine: RhaiEngine, source: str, outcome: Outcome, code: str | None) -> None:
    """Whatever the code does; and nothing of our own insides is told."""
    ran = load(engine, source, operations=10_000).run("f", (), Answering())
    assert (ran.outcome, ran.error and ran.error.code) == (outcome, code)
    assert ran.error is None or "/home" not in ran.error.message
    assert ran.cost.us > 0


def test_a_refusal_can_be_caught_with_its_code(engine: RhaiEngine) -> None:
    """As a map; what comes after is the script's own."""
    source = """fn f() {
        let said = [];
        try { host::refuse("quota") } catch (no) { said = [no.code, no.message]; }
        said
    }"""
    assert load(engine, source).run("f", (), Answering()).value == ["quota", "not today"]


def test_arguments_go_to_the_host_as_they_are(engine: RhaiEngine) -> None:
    """Few or many, as the function takes them."""
    host = Answering()
    ran = load(engine, 'fn f(x) { [host::answer(), host::answer(x), host::answer(x, "é")] }').run(
        "f", ({"a": [1]},), host
    )
    assert ran.value == [[], [{"a": [1]}], [{"a": [1]}, "é"]]
    assert [name for name, _ in host.calls] == ["host::answer"] * 3


def test_a_run_leaves_nothing_for_the_next(engine: RhaiEngine) -> None:
    """Each is a world of its own, in whatever thread; each speaks to its own host."""
    program = load(engine, "fn f(n) { let all = []; for i in 0..n { all.push(host::answer(i)); } all.len }")
    hosts = [Answering() for _ in range(8)]
    found: dict[int, Json] = {}

    def run(number: int) -> None:
        found[number] = program.run("f", (number,), hosts[number]).value

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number for number in range(8)}
    assert [len(host.calls) for host in hosts] == list(range(8))
