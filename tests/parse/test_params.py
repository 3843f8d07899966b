"""Schemas of params: what the short form means, what JSON Schema means, and schemas that want to hurt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from neira.errors.input import BadParamsSchema
from neira.parse import params
from neira.parse.document import read

if TYPE_CHECKING:
    from neira.model import Json

SEED: dict[str, Json] = {"color": "string?", "size": "int?"}


def paths(schema: Json, value: Any, *, closed: bool = False) -> list[str]:
    """List where a value breaks a schema."""
    return [problem.path for problem in params.compile(schema, closed=closed).problems(value)]


def refused(schema: Json) -> tuple[str, str | None]:
    """Compile a schema that must be refused; return the first path and suggestion."""
    with pytest.raises(BadParamsSchema) as error:
        params.compile(schema)
    problem = error.value.problems[0]
    return problem.path, problem.suggestion


def within(schema: Json, **beside: Any) -> dict[str, Json]:
    """Wrap a JSON Schema as that of the key `a`."""
    return {"type": "object", "properties": {"a": schema}, **beside}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"color": "red", "size": 3},
        {"size": None},
        {"points": [[1, 2]], "more": {"a": 1}},
        {"size": -(2**53) + 1},
    ],
)
def test_the_seed_schema_takes_strokes(value: dict[str, Json]) -> None:
    """Optional keys may be missing or null, and unnamed ones pass."""
    assert paths(SEED, value) == []


@pytest.mark.parametrize("size", ["1", 1.0, True, 1000.0, [], 2**53, -(2**53)])
def test_an_int_is_an_exact_integer_and_nothing_else(size: Json) -> None:
    """`true`, `1.0` and what is not exact everywhere are refused with the path."""
    assert paths(SEED, {"size": size}) == ["params.size"]


def test_a_closed_schema_names_unknown_keys_with_what_was_meant() -> None:
    """Extra keys are a mistake only when the schema is closed; ten thousand give a short answer."""
    value: dict[str, Json] = {"colr": 1, "__proto__": 2}
    assert paths(SEED, value) == []
    problems = params.compile(SEED, closed=True).problems(value)
    assert [(each.path, each.suggestion) for each in problems] == [
        ("params.colr", "color"),
        ("params.__proto__", None),
    ]
    assert len(paths(SEED, {str(number): 0 for number in range(10_000)}, closed=True)) == 20


FULL = """
color: red | green | blue
size: int 1..64
width: float ..10?
label: string 1..40
points: [{x: float, y: float}]
tags: "[string] 1..3?"
grid: [[int]]
options?: {snap: bool}
extra: any
"""
FULL_VALUE: dict[str, Json] = {
    "color": "red",
    "size": 3,
    "label": "Ж",
    "points": [{"x": 1, "y": 2.5, "pressure": 0.1}],
    "grid": [[1], []],
    "extra": None,
}


def test_the_short_form_reads_from_yaml_as_documented() -> None:
    """Each line of the documented form takes what it says."""
    assert paths(read(FULL.encode()).value, FULL_VALUE) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"color": "pink"}, "params.color"),
        ({"color": None}, "params.color"),
        ({"size": 0}, "params.size"),
        ({"size": 65}, "params.size"),
        ({"width": 10.5}, "params.width"),
        ({"width": True}, "params.width"),
        ({"label": ""}, "params.label"),
        ({"label": "x" * 41}, "params.label"),
        ({"points": [{"x": 1, "y": 1}, {"x": "1", "y": 1}]}, "params.points[1].x"),
        ({"points": [{"x": 1}]}, "params.points[0].y"),
        ({"points": {}}, "params.points"),
        ({"tags": []}, "params.tags"),
        ({"tags": ["a", 1]}, "params.tags[1]"),
        ({"grid": [[1, 2.5]]}, "params.grid[0][1]"),
        ({"options": {}}, "params.options.snap"),
        ({"options": {"snap": 1}}, "params.options.snap"),
    ],
)
def test_each_mistake_is_found_where_it_stands(change: dict[str, Json], path: str) -> None:
    """One wrong part gives one problem with its path."""
    assert paths(read(FULL.encode()).value, {**FULL_VALUE, **change}) == [path]


def test_all_missing_keys_are_named() -> None:
    """What is not optional must be there."""
    assert paths(read(FULL.encode()).value, {}) == [
        f"params.{key}" for key in ("color", "size", "label", "points", "grid", "extra")
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "strng",
            "red |",
            "a||b",
            "a | a",
            "int | string",
            "int 5..1",
            "int ..",
            "bool 1..2",
            "any 1..2",
            "int 1-5",
        ),
        *(
            "string -1..",
            "string 1.5..",
            "[int",
            "int]",
            "",
            "?",
            "int ? 1..2 ?",
            "[" * 100 + "int" + "]" * 100,
        ),
        *("a" * 10_000, "int " + " " * 10_000 + "!", "red | gr een", "int 1..9999999999999999999"),
    ],
)
def test_types_that_are_none_are_refused_at_their_key(text: str) -> None:
    """The registration fails, with the path of the key."""
    assert refused({"fine": "int", "k": text})[0].startswith("params_schema")


def test_a_misspelt_type_is_answered_with_the_one_meant() -> None:
    """Suggestions help authors."""
    assert refused({"k": "strng"}) == ("params_schema.k", "string")


@pytest.mark.parametrize("schema", ["x", None, [], 1, {"k": None}, {"k": 1}, {"k": ["a", "b"]}, {"?": "int"}])
def test_what_is_no_schema_is_refused(schema: Json) -> None:
    """A schema is a map of types."""
    refused(schema)


def test_a_key_with_and_without_mark_is_one_key() -> None:
    """`k` and `k?` may not stand side by side."""
    refused({"k?": "int", "k": "int"})


def test_json_schema_from_yaml_is_typed() -> None:
    """Unquoted numbers and truth values are JSON; the source compiles to the same again."""
    text = b"""
type: object
properties: {size: {type: integer, minimum: 1}}
required: [size]
additionalProperties: false
"""
    compiled = params.compile(read(text).value)
    assert [problem.path for problem in compiled.problems({"siz": 0, "size": 0})] == [
        "params.siz",
        "params.size",
    ]
    assert compiled.problems({"size": 1.0}) == ()
    assert params.compile(json.loads(json.dumps(compiled.source))).json_schema == compiled.json_schema


HOSTILE: dict[str, Json] = {
    "self-reference": {"type": "object", "$ref": "#"},
    "loop-of-two": within({"$ref": "#/$defs/x"}, **{"$defs": {"x": {"anyOf": [{"$ref": "#/properties/a"}]}}}),
    "loop-in-not": within({"not": {"$ref": "#/properties/a"}}),
    "file": within({"$ref": "file:///etc/passwd"}),
    "remote": within({"$ref": "http://example.com/schema"}),
    "dangling": within({"$ref": "#/$defs/none"}),
    "anchor": within({"$ref": "#name"}),
    "into-nothing": within({"$ref": "#/type"}),
    "id-inside": within({"$id": "http://example.com/", "type": "string"}),
    "dynamic": within({"$dynamicRef": "#x"}),
    "unevaluated": within({"unevaluatedProperties": False}),
    "misspelt": within({"tpye": "string"}),
    "old-dialect": {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"},
    "ten-thousand-branches": within({"anyOf": [{}] * 10_000}),
    "many-branches": within({"anyOf": [{}] * 101}),
    "doubling": {
        "type": "object",
        "$ref": "#/$defs/d0",
        "$defs": {
            **{
                f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}
                for n in range(30)
            },
            "d30": {},
        },
    },
    "long-chain": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/d0",
        "$defs": {**{f"d{n}": {"items": {"$ref": f"#/$defs/d{n + 1}"}} for n in range(900)}, "d900": {}},
    },
    "look-ahead": within({"pattern": "(?=a)"}),
    "back-reference": within({"pattern": r"(a)\1"}),
    "large-pattern": within({"pattern": "((a{100}){100}){100}"}),
    "long-pattern": within({"pattern": "a" * 1_001}),
    "pattern-key": within({"patternProperties": {"(": {}}}),
    "pattern-number": within({"pattern": 5}),
    "tiny-step": within({"multipleOf": 1e-300}),
    "zero-step": within({"multipleOf": 0}),
    "negative-length": within({"minLength": -1}),
    "text-bound": within({"minimum": "5"}),
    "true-bound": within({"minimum": True}),
    "no-type": within({"type": "strin"}),
    "empty-enum": within({"enum": []}),
    "text-schema": within("string"),
    "bad-definition": within({}, **{"$defs": {"x": 5}}),
    "bad-unused-definition": within({}, **{"$defs": {"x": {"minimum": "1"}}}),
    "required-text": {"type": "object", "required": "a"},
}


@pytest.mark.parametrize("schema", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_schemas_are_refused_at_registration(schema: Json) -> None:
    """None of them gets as far as an event; each is named by its path."""
    assert refused(schema)[0].startswith("params_schema")


def test_a_schema_of_five_thousand_levels_is_refused() -> None:
    """Depth is measured before anything recurses."""
    schema: dict[str, Json] = {}
    for _ in range(5_000):
        schema = {"type": "object", "properties": {"a": schema}}
    refused(schema)


def test_a_pattern_takes_linear_time() -> None:
    """What makes a backtracking engine hang is answered at once."""
    schema = within({"type": "string", "pattern": "^(a+)+$"})
    assert paths(schema, {"a": "a" * 40 + "!"}) == ["params.a"]
    assert paths(schema, {"a": "a" * 500_000 + "!"}) == ["params.a"]
    assert paths(schema, {"a": "aaa"}) == []


def test_a_recursive_schema_goes_down_with_the_value() -> None:
    """References that progress are allowed."""
    tree = within(
        {"$ref": "#/$defs/tree"}, **{"$defs": {"tree": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}
    )
    assert paths(tree, {"a": [[], [[]]]}) == []
    assert paths(tree, {"a": [[], [[1]]]}) == ["params.a[1][0][0]"]


def test_a_schema_that_explodes_on_a_value_is_stopped() -> None:
    """Two ways at each level of a deep list end in a refusal, not in a hanging worker."""
    node: dict[str, Json] = {
        "anyOf": [{"items": {"$ref": "#/$defs/n"}, "type": "string"}, {"items": {"$ref": "#/$defs/n"}}]
    }
    schema = within({"not": {"$ref": "#/$defs/n"}}, **{"$defs": {"n": {**node, "maxItems": 1}}})
    value: Json = "x"
    for _ in range(30):
        value = [value, 1]
    (problem,) = params.compile(schema).problems({"a": value})
    assert problem.path == "params"
    assert "time" in problem.found


def test_a_multiple_is_exact_for_decimal_fractions() -> None:
    """0.3 is a multiple of 0.1."""
    assert paths(within({"multipleOf": 0.1}), {"a": 0.3}) == []
    assert paths(within({"multipleOf": 0.1}), {"a": 0.35}) == ["params.a"]


SIMPLE = st.sampled_from(
    [
        *(
            {},
            True,
            False,
            {"type": "integer"},
            {"type": ["string", "null"]},
            {"enum": [1, "a", None, [1], {"a": True}]},
        ),
        *(
            {"const": 1},
            {"minimum": 1, "exclusiveMaximum": 3},
            {"maximum": 2, "exclusiveMinimum": 0},
            {"multipleOf": 2},
        ),
        *(
            {"minLength": 1, "maxLength": 1},
            {"pattern": "^a"},
            {"uniqueItems": True},
            {"minItems": 1, "maxItems": 2},
        ),
        *({"minProperties": 1, "maxProperties": 1}, {"required": ["a"]}, {"propertyNames": {"maxLength": 1}}),
        *(
            {"dependentRequired": {"a": ["b"]}},
            {"patternProperties": {"^a": {"type": "string"}}},
            {"$ref": "#/$defs/x"},
        ),
    ]
)
SCHEMAS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(
            lambda name, a, b: {name: [a, b]},
            st.sampled_from(["allOf", "anyOf", "oneOf", "prefixItems"]),
            inner,
            inner,
        ),
        st.builds(
            lambda name, a: {name: a},
            st.sampled_from(["not", "items", "contains", "additionalProperties"]),
            inner,
        ),
        st.builds(lambda a, b: {"properties": {"a": a}, "additionalProperties": b}, inner, inner),
        st.builds(lambda a, b, c: {"if": a, "then": b, "else": c}, inner, inner, inner),
        st.builds(lambda a, b: {"prefixItems": [a], "items": b}, inner, inner),
        st.builds(lambda a, n: {"contains": a, "minContains": n, "maxContains": 2}, inner, st.integers(0, 2)),
        st.builds(lambda a: {"dependentSchemas": {"a": a}}, inner),
    ),
    max_leaves=5,
)
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 2, 2.5, 3, "", "a", "ab", "б"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "ab"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(SCHEMAS, VALUES)
@settings(max_examples=100, deadline=None)
def test_json_schema_means_what_the_reference_means(schema: Any, value: Any) -> None:
    """For any schema of the keywords we read, the widely used implementation agrees."""
    whole = within(schema, **{"$defs": {"x": {"type": "number"}}})
    assert (paths(whole, {"a": value}) == []) == Draft202012Validator(whole).is_valid({"a": value})


@given(st.dictionaries(st.sampled_from(["color", "size", "label", "grid", "width", "options"]), VALUES))
@settings(max_examples=100, deadline=None)
def test_the_shown_json_schema_of_a_short_form_says_the_same(change: dict[str, Any]) -> None:
    """The equivalent that is shown and served differs in nothing but 1.0 for an int."""
    compiled = params.compile(read(FULL.encode()).value)
    value = {**FULL_VALUE, **change}
    if ".0" not in json.dumps(value):
        assert (compiled.problems(value) == ()) == Draft202012Validator(compiled.json_schema).is_valid(value)
