"""The event door's parser, and its equality with the schema that the OpenAPI document shows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from neira.errors.input import BadJson, InvalidInput
from neira.parse.event import EventForm, event_form, event_json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

STROKE = {
    "tool_id": "ui.pencil",
    "event": "ui.pencil.draw",
    "params": {"color": "red", "size": 3, "points": [[1, 2.5], [3, 4]]},
    "context": {"chat_id": "c1", "session_id": "s1", "page": {"zoom": 2}},
}


def raw(value: object) -> bytes:
    """Write a body."""
    return json.dumps(value).encode()


def problems_of(body: object, **bounds: int) -> dict[str, tuple[str, str | None]]:
    """Read a body that must be refused, and list path → (found, suggestion)."""
    with pytest.raises(InvalidInput) as refused:
        event_form(raw(body), **bounds)
    return {problem.path: (problem.found, problem.suggestion) for problem in refused.value.problems}


def test_a_stroke_becomes_a_form() -> None:
    """All four parts are kept as they came."""
    form = event_form(raw(STROKE))
    assert form == EventForm(**STROKE)  # type: ignore[arg-type]  # the same four names


def test_params_and_context_may_be_left_out() -> None:
    """What is optional is empty, and not shared between events."""
    first, second = (event_form(b'{"tool_id": "a", "event": "b"}') for _ in range(2))
    assert first.params == first.context == {}
    assert first.params is not second.params


def test_all_mistakes_are_named_at_once() -> None:
    """One answer lists every mistake with its path and, where one is near, the word that was meant."""
    body = {"tool_id": "UI", "evnt": 1, "params": None, "context": {"chat_id": "..", "session_id": None}}
    assert problems_of(body) == {
        "tool_id": ('"UI"', None),
        "event": ("missing", None),
        "params": ("null", None),
        "context.chat_id": ('".."', None),
        "context.session_id": ("null", None),
        "evnt": ("an unknown key", "event"),
    }


def test_the_answer_carries_the_mistakes_as_data() -> None:
    """Programs find path, found, allowed, suggestion and line in the details."""
    with pytest.raises(InvalidInput) as refused:
        event_form(raw({**STROKE, "parms": {}}))
    listed = refused.value.details["problems"]
    assert isinstance(listed, list)
    assert listed[0] == {
        "path": "parms",
        "found": "an unknown key",
        "allowed": "only tool_id, event, params, context",
        "suggestion": "params",
        "line": None,
    }


@pytest.mark.parametrize("body", [None, 1, "", [], True, [STROKE]])
def test_a_top_that_is_no_object_is_refused(body: object) -> None:
    """Valid JSON of another type is a mistake of the body."""
    assert list(problems_of(body)) == ["body"]


@pytest.mark.parametrize(
    "body", [b"", b" ", b"{", raw(STROKE) * 2, raw(STROKE) + b"\0", b'{"tool_id":1,"tool_id":2}']
)
def test_broken_json_is_bad_json(body: bytes) -> None:
    """The strict parser stands in front."""
    with pytest.raises(BadJson):
        event_form(body)


@pytest.mark.parametrize("name", ["", "Ui.draw", "a..b", ".a", "a b", "a\n", "é", "a" * 129, 5, None])
def test_event_names_have_one_form(name: object) -> None:
    """Lower-case ASCII segments only."""
    assert list(problems_of({**STROKE, "event": name})) == ["event"]


def test_the_nesting_of_the_whole_body_is_bounded() -> None:
    """Sixty-four levels are read, sixty-five are not."""
    deep: object = 1
    for _ in range(63):
        deep = [deep]
    body = {"tool_id": "a", "event": "b", "params": {"x": deep}}
    with pytest.raises(BadJson):
        event_form(raw(body))
    assert event_form(raw(body), depth=65).params == {"x": deep}


def test_an_object_holds_ten_thousand_keys_and_no_more() -> None:
    """The wide object is named by its path; the bound is an argument."""
    wide = {str(number): 0 for number in range(10_000)}
    assert len(event_form(raw({**STROKE, "params": wide})).params) == 10_000
    problems = problems_of({**STROKE, "params": {"a": [{**wide, "one": 1}]}})
    assert problems == {"params.a[0]": ("a map of 10001 keys", None)}
    narrow = {"tool_id": "a", "event": "b", "context": {"x": {"a": 1, "b": 1, "c": 1, "d": 1}}}
    assert list(problems_of(narrow, keys=3)) == ["context.x"]


def test_many_unknown_keys_give_a_short_answer() -> None:
    """Ten are named, the rest is counted."""
    problems = problems_of({**STROKE, **{f"key{number}": 0 for number in range(500)}})
    assert len(problems) == 11
    assert problems["body"] == ("490 more unknown keys", None)


def _as_ecma(_: Any, pattern: str, instance: object, __: Any) -> Iterator[ValidationError]:
    """Match as JSON Schema says: `$` is the very end, which Python's is not."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield ValidationError("does not match")


IDS = st.sampled_from(
    ["a", "ui.pencil", "A", "a..b", "a.", "a\n", "é", "", "x" * 65, "x" * 129, "CON", "x.ndjson", "nul.a"]
)
IDS |= st.text("aZ0.:@-_\n", max_size=6)
ANY = st.none() | st.booleans() | st.integers(-9, 9) | IDS | st.lists(st.none(), max_size=2)
SMALL = st.dictionaries(
    st.sampled_from("pqrs"), ANY | st.dictionaries(st.sampled_from("pqrstu"), ANY), max_size=4
)
BODIES = ANY | st.fixed_dictionaries(
    {},
    optional={
        "tool_id": IDS | ANY,
        "event": IDS | ANY,
        "params": SMALL | ANY,
        "context": ANY
        | st.fixed_dictionaries({}, optional={"chat_id": IDS | ANY, "session_id": IDS, "p": SMALL}),
        "parms": ANY,
    },
)
GOOD = st.fixed_dictionaries(
    {"tool_id": st.sampled_from(["a", "a.b"]), "event": st.sampled_from(["a:b", "c"])},
    optional={
        "params": SMALL,
        "context": st.fixed_dictionaries({}, optional={"chat_id": IDS, "session_id": IDS}),
    },
)
KEYS = 3
SCHEMA = extend(Draft202012Validator, {"pattern": _as_ecma})(event_json_schema(KEYS))  # type: ignore[no-untyped-call]  # the stubs leave it bare


@given(BODIES | GOOD)
@example({"tool_id": "a\n", "event": "b"})
@example({"tool_id": "a", "event": "b", "params": {"x": [{"1": 1, "2": 2, "3": 3, "4": {}}]}})
@settings(max_examples=100, deadline=None)
def test_parser_and_schema_take_the_same_bodies(body: object) -> None:
    """What the OpenAPI document promises is what the hand-written parser does."""
    try:
        event_form(raw(body), keys=KEYS)
        taken = True
    except InvalidInput:
        taken = False
    assert taken == SCHEMA.is_valid(body)


def test_the_schema_is_sound() -> None:
    """The schema itself is JSON Schema 2020-12."""
    Draft202012Validator.check_schema(event_json_schema())
