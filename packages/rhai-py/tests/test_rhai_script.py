"""A compiled script says what it is made of, and each call starts from the same state."""

from __future__ import annotations

import copy
import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
import rhai

TEXT = """\
/// Says hello.
///
/// Twice, if asked.
fn hello(who) { `Hello, ${who}!` }
/**
 * Adds,
 * always.
 */
private fn add(a, b) { a + b }
// Not a doc comment.
fn add(a) { add(a, 1) }
fn hello(who, times) {
    [hello(who), times]
}
const TOP = 7;
let count = 10;
fn top() { global::TOP }
fn next() { this.count += 1; this.count }
print("compiled");
"""


@pytest.fixture(scope="module")
def script() -> rhai.Script:
    """Compile the text above."""
    return rhai.Engine().compile(TEXT, name="hello.rhai")


def test_functions_are_listed_as_they_stand(script: rhai.Script) -> None:
    """Name, parameters, line, doc comment and privacy, in the order of the text."""
    assert [(str(f), f.line, f.private) for f in script.functions] == [
        ("hello(who)", 4, False),
        ("add(a, b)", 9, True),
        ("add(a)", 11, False),
        ("hello(who, times)", 12, False),
        ("top()", 17, False),
        ("next()", 18, False),
    ]


def test_doc_comments_are_kept_without_their_marks(script: rhai.Script) -> None:
    """Both kinds count, for the function right below them."""
    docs = {str(f): f.doc for f in script.functions}
    assert docs["hello(who)"] == "Says hello.\n\nTwice, if asked."
    assert docs["add(a, b)"] == "Adds,\nalways."
    assert docs["add(a)"] == docs["hello(who, times)"] == ""


def test_a_script_knows_name_text_and_size(script: rhai.Script) -> None:
    """It can be shown, and says what it costs to keep."""
    assert (script.name, script.source) == ("hello.rhai", TEXT)
    assert 0 < script.size < 100_000
    assert repr(script).startswith("<Script 'hello.rhai': hello(who), add(a, b)")


def test_top_level_lines_are_in_the_logs(script: rhai.Script) -> None:
    """What the top level printed is there, and printed by no call."""
    assert [str(line) for line in script.logs] == ["compiled"]
    assert script.run("top").logs == ()


def test_calls_find_the_function_of_their_number_of_arguments(script: rhai.Script) -> None:
    """Functions of one name differ by their parameters."""
    assert script.call("hello", "Anna") == "Hello, Anna!"
    assert script.call("hello", "Anna", 2) == ["Hello, Anna!", 2]
    assert script.call("add", 1) == 2


@pytest.mark.parametrize(
    ("name", "arguments"), [("nope", ()), ("hello", ()), ("add", (1, 2)), ("", ()), ("a\ud800", ())]
)
def test_an_unknown_function_is_an_error_that_lists_the_known(
    script: rhai.Script, name: str, arguments: tuple[object, ...]
) -> None:
    """Private ones are unknown too."""
    with pytest.raises(rhai.RuntimeError, match=r"the script has: hello\(who\), add\(a\)") as caught:
        script.call(name, *arguments)
    assert caught.value.code == "no_function"


@pytest.mark.parametrize("name", ["nope", "anon$1"])
def test_the_bytes_road_knows_the_same_functions(script: rhai.Script, name: str) -> None:
    """An unknown name is the same error there; what is private to the script stays private."""
    with pytest.raises(rhai.RuntimeError) as caught:
        script.call_json(name, b"[]")
    assert caught.value.code == "no_function"
    lonely = rhai.Engine().compile("private fn secret() { 1 } fn open() { secret() }")
    with pytest.raises(rhai.RuntimeError):
        lonely.call_json("secret", b"[]")
    assert lonely.call_json("open", b"[]") == b"1"


def test_every_call_starts_from_the_compiled_state(script: rhai.Script) -> None:
    """`this` holds the top-level variables, fresh each time."""
    assert [script.call("next") for _ in range(3)] == [11, 11, 11]
    assert script.call("top") == 7


def test_a_failed_call_leaves_nothing_behind() -> None:
    """Traps, errors and growth are undone like everything else."""
    script = rhai.Engine().compile(
        "let kept = []; fn grow() { this.kept.pad(90000, 1); this.kept.len } "
        "fn trap() { this.kept.push(1); loop { } } fn fail() { this.kept.push(1); throw 1 } "
        "fn size() { this.kept.len }"
    )
    assert script.call("grow") == 90_000
    for name in ("trap", "fail"):
        with pytest.raises(rhai.RhaiError):
            script.call(name)
        assert script.call("size") == 0


def test_the_bytes_road_answers_json(script: rhai.Script) -> None:
    """`call_json` and `run_json` do as `call` and `run`."""
    assert json.loads(script.call_json("hello", b'["Anna", 2]')) == ["Hello, Anna!", 2]
    done = script.run_json("top", b" [ ] ")
    assert (done.value, done.cost.output) == (b"7", 1)
    assert isinstance(done, rhai.Outcome)


HOST_TEXT = """\
import "store" as s;
import "words" as w;
fn alias() { s::put(1) }
fn direct() { store::get(1); store::get(2) }
fn closure() { let f = |x| store::inner(x); f.call(1) }
fn nested() { if true { [1].map(|x| #{a: store::put(x)}) } }
fn unknown() { cloud::send() }
fn library() { w::save(1) }
fn text() { `cost: ${store::price(1)}` }
"""


def test_host_calls_are_read_from_the_text() -> None:
    """Aliases, closures, nested blocks, interpolations, libraries and unknown modules are all seen."""
    engine = rhai.Engine(libraries={"words": "fn save(x) { store::hidden(x) }"})
    for name in ("put", "get", "inner", "price", "hidden"):
        engine.register("store", name, lambda x: x)
    script = engine.compile(HOST_TEXT, name="s")
    found = {name: [place.line for place in places] for name, places in script.host_calls.items()}
    assert found == {
        "cloud::send": [7],
        "store::get": [4, 4],
        "store::hidden": [],
        "store::inner": [5],
        "store::price": [9],
        "store::put": [3, 6],
    }
    assert {place.source_name for places in script.host_calls.values() for place in places} == {"s"}
    assert script.imports == ("store", "words")


def test_a_script_without_host_calls_has_none() -> None:
    """Methods, function pointers and own functions are no host calls."""
    script = rhai.Engine().compile("fn f(x) { x.len } fn g() { Fn(`f`).call([1]) + f([]) }")
    assert script.host_calls == {}
    assert script.imports == ()
    assert script.call("g") == 1


def test_a_function_pointer_cannot_reach_the_host() -> None:
    """What the analysis cannot see cannot be called: a pointer made of text finds only the script's own."""
    engine = rhai.Engine()
    engine.register("store", "put", lambda: "reached")
    script = engine.compile("fn f(name) { Fn(name).call() }")
    for name in ("store::put", "put"):
        with pytest.raises(rhai.RhaiError):
            script.call("f", name)


def test_ambiguous_aliases_are_refused() -> None:
    """Two imports under one name would hide what is called."""
    engine = rhai.Engine(libraries={"one": "", "two": ""})
    with pytest.raises(rhai.SyntaxError, match="called 'x'"):
        engine.compile('fn f() { import "one" as x; }\nfn g() { import "two" as x; }')


@pytest.mark.parametrize("travel", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_script_does_not_travel(script: rhai.Script, travel: object) -> None:
    """Pickling says what to do instead."""
    assert callable(travel)
    with pytest.raises(TypeError, match="send its source"):
        travel(script)


def test_a_script_sent_to_a_spawned_process_is_refused_clearly(script: rhai.Script) -> None:
    """The sentence reaches whoever tries."""
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(TypeError, match="source"),
    ):
        pool.submit(len, script).result(timeout=60)  # type: ignore[arg-type] # it never arrives


def test_the_top_level_fails_like_any_other_run() -> None:
    """Errors, throws and limits at the top come out of `compile`."""
    engine = rhai.Engine()
    with pytest.raises(rhai.RuntimeError):
        engine.compile("10 / 0")
    with pytest.raises(rhai.RuntimeError) as thrown:
        engine.compile("print(`before`); throw #{a: 1}")
    assert thrown.value.value == {"a": 1}
    assert [str(line) for line in thrown.value.logs] == ["before"]
    with pytest.raises(rhai.LimitError):
        engine.compile("loop { }")
