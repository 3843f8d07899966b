"""Values cross in both directions exactly, or are refused with the path that leads to them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import http
import math
from collections import ChainMap, OrderedDict, UserDict, UserList, defaultdict, deque, namedtuple
from decimal import Decimal

import pytest
import rhai
from hypothesis import given, settings
from hypothesis import strategies as st

SCRIPT = rhai.Engine().compile("fn id(x) { x } fn kind(x) { type_of(x) }")

_INTEGERS = st.integers(-(2**63), 2**63 - 1)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_LEAVES = st.none() | st.booleans() | _INTEGERS | st.floats(allow_nan=False) | _TEXTS | st.binary(max_size=40)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_TEXTS, inner, max_size=5),
    max_leaves=25,
)


def same(one: object, two: object) -> bool:
    """Compare by value and by type: 1, 1.0 and True are three values."""
    return one == two and repr(one) == repr(two)


@settings(max_examples=100, deadline=None)
@given(_TREES)
def test_a_value_comes_back_as_it_went(value: object) -> None:
    """Trees of None, bool, int, float, str, bytes, list and dict survive the way there and back."""
    assert sorted_keys(SCRIPT.call("id", value)) == sorted_keys(value)


@settings(max_examples=60, deadline=None)
@given(_TREES)
def test_a_host_function_sees_and_answers_the_same_values(value: object) -> None:
    """The road to a host function and back carries the same values as the road to a script."""
    seen: list[object] = []
    engine = rhai.Engine()

    @engine.function("host::keep")
    def keep(given: object) -> object:
        seen.append(given)
        return given

    assert sorted_keys(engine.eval("host::keep(x)", x=value)) == sorted_keys(value)
    assert [sorted_keys(one) for one in seen] == [sorted_keys(value)]


def sorted_keys(value: object) -> str:
    """Write a value with its types, in the order of keys that Rhai keeps."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{sorted_keys(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(sorted_keys, value)) + "]"
    return repr(value)


@settings(max_examples=100, deadline=None)
@given(st.floats())
def test_floats_are_exact(number: float) -> None:
    """Every float keeps its bits, signed zeros and the smallest included; a NaN stays a NaN."""
    back = SCRIPT.call("id", number)
    assert isinstance(back, float)
    assert (
        math.isnan(back)
        if math.isnan(number)
        else (back, math.copysign(1, back)) == (number, math.copysign(1, number))
    )


@pytest.mark.parametrize("number", [0, 1, -1, 2**31 - 1, -(2**31), 2**31, 2**62, 2**63 - 1, -(2**63)])
def test_integers_of_64_bits_are_exact(number: int) -> None:
    """The edges of 32 and 64 bits cross unharmed."""
    assert same(SCRIPT.call("id", number), number)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64, 10**40, -(10**40)])
def test_larger_integers_are_refused(number: int) -> None:
    """An integer that does not fit is an error, never a wrap and never a float."""
    with pytest.raises(rhai.ConversionError, match="64 bits") as caught:
        SCRIPT.call("id", {"sizes": [1, number]})
    assert caught.value.path == "arguments[0].sizes[1]"


def test_integers_never_wrap_inside() -> None:
    """Arithmetic beyond 64 bits is an error of the script."""
    with pytest.raises(rhai.RuntimeError, match="overflow"):
        rhai.Engine().eval("x + 1", x=2**63 - 1)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "()"),
        (True, "bool"),
        (7, "i64"),
        (7.0, "f64"),
        ("7", "string"),
        (b"7", "blob"),
        ([7], "array"),
        ((7,), "array"),
        ({"a": 7}, "map"),
    ],
)
def test_each_type_has_its_counterpart(value: object, kind: str) -> None:
    """Scripts see the Rhai type that the documentation names."""
    assert SCRIPT.call("kind", value) == kind


@pytest.mark.parametrize(
    "text",
    ["", "é", "e\u0301", "\U0001f600", "\0", '"\\\n\r\t\x7f\x1f', "\u2028", "\ufeff", "\uffff", "דג סקרן"],
)
def test_text_is_exact(text: str) -> None:
    """No character is normalised, escaped or lost, as value or as key."""
    assert SCRIPT.call("id", text) == text
    assert SCRIPT.call("id", {text: text}) == {text: text}


def test_text_counts_characters() -> None:
    """Length is counted in characters, as Rhai does."""
    assert rhai.Engine().eval("text.len", text="a\U0001f600") == 2


@pytest.mark.parametrize("held", ["\ud800", {"\udfff": 1}, ["a", "\ud83d"]])
def test_lone_surrogates_are_refused(held: object) -> None:
    """What is no Unicode text cannot enter."""
    with pytest.raises(rhai.ConversionError, match="surrogate"):
        SCRIPT.call("id", held)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({1: 2}, "arguments[0]"),
        ({"a": {None: 2}}, "arguments[0].a"),
        ([{"a b": {(1, 2): 3}}], 'arguments[0][0]["a b"]'),
        ([http.HTTPStatus.OK, {True: 1}], "arguments[0][1]"),
    ],
)
def test_keys_that_are_no_strings_are_refused(value: object, path: str) -> None:
    """Rhai's maps have only string keys: the path leads to the map."""
    with pytest.raises(rhai.ConversionError, match="no string") as caught:
        SCRIPT.call("id", value)
    assert caught.value.path == path


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Metres(float):
    pass


Point = namedtuple("Point", "x y")  # noqa: PYI024 - the untyped one must work too


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Level.HIGH, 3),
        (Colour.RED, "red"),
        (Metres(1.5), 1.5),
        (Point(1, 2), [1, 2]),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(list, a=[1]), {"a": [1]}),
        (UserDict(a=Level.HIGH), {"a": 3}),
        (ChainMap({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
        (UserList([1, 2]), [1, 2]),
        (deque([1, 2]), [1, 2]),
        (range(3), [0, 1, 2]),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abcd")[::2], b"ac"),
        ({Colour.RED: Colour.RED}, {"red": "red"}),
        ([Point(Level.HIGH, [Metres(2)])], [[3, [2.0]]]),
    ],
)
def test_subclasses_and_relatives_cross_as_what_they_are(value: object, plain: object) -> None:
    """Enums, named tuples, mappings and sequences arrive as their plain counterparts."""
    assert same(SCRIPT.call("id", value), plain)


@dataclasses.dataclass
class Stroke:
    size: int = 1


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (dt.datetime(2020, 1, 1, tzinfo=dt.UTC), r"isoformat\(\)"),
        (dt.date(2020, 1, 1), r"isoformat\(\)"),
        (dt.time(12), r"isoformat\(\)"),
        ([dt.timedelta(1)], "timedelta"),
        ({1, 2}, "list"),
        (frozenset({1}), "list"),
        ([Level.HIGH, {1}], "sorted list"),
        (Stroke(), "asdict"),
        (Decimal(1), "Decimal"),
        (1j, "complex"),
        (..., "Ellipsis"),
        (object(), "object"),
        (print, "builtin"),
        (StopIteration, "counterpart"),
        (iter([]), "iterator"),
        (compile("1", "x", "eval"), "counterpart"),
    ],
)
def test_what_rhai_lacks_is_refused_with_advice(value: object, advice: str) -> None:
    """A value without a counterpart names its type and, where there is one, the way to send it."""
    with pytest.raises(rhai.ConversionError, match=advice) as caught:
        SCRIPT.call("id", {"deep": [value]})
    assert caught.value.path.startswith("arguments[0].deep[0]")
    assert caught.value.code == "conversion"


def test_deep_values_cross_up_to_a_depth() -> None:
    """127 lists around a value pass; many more are refused, whatever they hold."""
    value: object = 1
    for _ in range(127):
        value = [value]
    assert SCRIPT.call("id", value) == value
    for _ in range(3):
        value = [value]
    with pytest.raises(rhai.ConversionError, match="deeper than 128"):
        SCRIPT.call("id", value)
    for _ in range(100_000):
        value = [value]
    with pytest.raises(rhai.ConversionError, match="deeper than 128"):
        SCRIPT.call("id", value)


def test_cycles_are_refused() -> None:
    """A value that contains itself is an error, in Python as in Rhai."""
    loop: list[object] = []
    loop.append({"again": loop})
    with pytest.raises(rhai.ConversionError, match="itself"):
        SCRIPT.call("id", loop)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0..3", range(3)),
        ("-2..=2", range(-2, 3)),
        ("1..=9223372036854775807", range(1, 2**63)),
        ("[0..1, #{r: 0..=1}]", [range(1), {"r": range(2)}]),
        ("'x'", "x"),
        ("['ж', \"x\"]", ["ж", "x"]),
        ("`a${1}b`", "a1b"),
        ("()", None),
        ("[(), ()]", [None, None]),
        ("blob(3, 7)", b"\7\7\7"),
        ("#{b: [blob(1)]}", {"b": [b"\0"]}),
        ("let x = 5; let f = || x; x", 5),
        ("let t = `x`; #{t: t}", {"t": "x"}),
    ],
)
def test_rhai_values_arrive_as_documented(text: str, value: object) -> None:
    """Ranges, characters, blobs, interpolated strings and shared values have one Python form each."""
    assert same(rhai.Engine().eval(text), value)


@pytest.mark.parametrize(("text", "check"), [("1e300 * 1e300", math.isinf), ("0.0 / 0.0", math.isnan)])
def test_infinities_and_nan_arrive(text: str, check: object) -> None:
    """Floats that JSON cannot say still arrive as floats."""
    assert callable(check)
    assert check(rhai.Engine().eval(text))


@pytest.mark.parametrize("tag", ["bytes", "range", "range=", "map", "anything"])
def test_a_map_cannot_pass_for_another_kind_of_value(tag: str) -> None:
    """A script's own map with the package's inner marks stays a map."""
    value = {"\0": tag, "v": [0, 3]}
    assert SCRIPT.call("id", value) == value
    assert SCRIPT.call("id", [value, b"x"]) == [value, b"x"]


@pytest.mark.parametrize(
    ("text", "path"),
    [("|x| x", "result"), ("[1, |x| x]", "result[1]"), ("#{a: [#{f: Fn(`abs`)}]}", "result.a[0].f")],
)
def test_functions_cannot_leave(text: str, path: str) -> None:
    """A function pointer as result is refused, with the path to it."""
    with pytest.raises(rhai.ConversionError, match="function pointer") as caught:
        rhai.Engine().eval(text)
    assert caught.value.path == path


def test_paths_name_what_was_given() -> None:
    """Arguments, variables, constants and results are told apart."""
    engine = rhai.Engine()
    for value in (2**70, object()):
        with pytest.raises(rhai.ConversionError) as variable:
            engine.eval("x", x=value)
        assert variable.value.path == "variables.x"
        with pytest.raises(rhai.ConversionError) as constant:
            rhai.Engine(scope={"LIMIT": value}).eval("1")
        assert constant.value.path == "scope.LIMIT"
