"""The event door's own parser: body bytes to an `EventForm`, by hand, for thousands of events a second.

`POST /ui/events` calls it. All mistakes are named at once. The same rules stand as JSON Schema in
`event_json_schema`, for the OpenAPI document; a property test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast

from neira.errors.input import BadId, InvalidInput
from neira.model import Json, JsonObject, PluginId, Problem
from neira.parse import ids, strict_json
from neira.parse.fields import Step, dotted, seen, step
from neira.parse.near import nearest
from neira.parse.placed import DEPTH

KEYS = 10_000  # in one object

_FIELDS = ("tool_id", "event", "params", "context")
_KNOWN = frozenset(_FIELDS)
_ABSENT = object()
_DOTS = r"\.\."
_MOST_UNKNOWN = 10  # unknown keys that are named one by one

_Read: TypeAlias = Callable[[object, str], str]


@dataclass(frozen=True, slots=True)
class EventForm:
    """What the body of an event says, checked for form."""

    tool_id: PluginId
    event: str
    params: JsonObject
    context: JsonObject


def event_form(raw: bytes, *, depth: int = DEPTH, keys: int = KEYS) -> EventForm:
    """Read an event from body bytes, or refuse it with all its mistakes."""
    body = strict_json.loads(raw, depth=depth)
    if not isinstance(body, dict):
        raise InvalidInput([Problem("body", seen(body), "an object with tool_id and event")])
    problems: list[Problem] = []
    form = EventForm(
        PluginId(_text(body, "tool_id", ids.plugin_id, ids.PLUGIN_ID_RULE, problems)),
        _text(body, "event", ids.event_name, ids.EVENT_NAME_RULE, problems),
        _object(body, "params", problems),
        _object(body, "context", problems),
    )
    _check_context(form.context, problems)
    if len(body) > len(_FIELDS) or not body.keys() <= _KNOWN:
        problems += _unknown(body)
    if raw.count(b":") > keys:  # no object can hold more keys than the text has colons
        problems += (
            problem for name in ("params", "context") for problem in too_wide(body.get(name), name, keys)
        )
    if problems:
        raise InvalidInput(problems)
    return form


def too_wide(value: Json, path: str, keys: int = KEYS) -> Iterator[Problem]:
    """Find the objects that hold too many keys."""
    waiting: list[tuple[Json, tuple[Step, ...]]] = [(value, ())]
    while waiting:
        held, steps = waiting.pop()
        if isinstance(held, dict):
            if len(held) > keys:
                yield Problem(
                    dotted(steps, path), f"a map of {len(held)} keys", f"at most {keys} keys in one map"
                )
            waiting += [(part, (*steps, key)) for key, part in held.items() if isinstance(part, (dict, list))]
        elif isinstance(held, list):
            waiting += [
                (part, (*steps, at)) for at, part in enumerate(held) if isinstance(part, (dict, list))
            ]


def _text(body: dict[str, Json], name: str, read: _Read, rule: str, problems: list[Problem]) -> str:
    if name not in body:
        problems.append(Problem(name, "missing", rule))
        return ""
    try:
        return read(body[name], name)
    except BadId as error:
        problems.append(Problem(name, error.found, error.allowed))
        return ""


def _object(body: dict[str, Json], name: str, problems: list[Problem]) -> JsonObject:
    value = body.get(name, _ABSENT)
    if value is _ABSENT:
        return {}
    if isinstance(value, dict):
        return cast("JsonObject", value)
    problems.append(Problem(name, seen(value), "an object, or nothing at all"))
    return {}


def _check_context(context: JsonObject, problems: list[Problem]) -> None:
    for name, read in (("chat_id", ids.chat_id), ("session_id", ids.session_id)):
        if name in context:
            try:
                read(context[name], name)
            except BadId as error:
                problems.append(Problem(f"context.{name}", error.found, error.allowed))


def _unknown(body: dict[str, Json]) -> list[Problem]:
    strangers = [key for key in body if key not in _KNOWN]
    allowed = f"only {', '.join(_FIELDS)}"
    named = [Problem(step("", key), "an unknown key", allowed, nearest(key, _FIELDS)) for key in strangers]
    if len(named) > _MOST_UNKNOWN:
        rest = f"{len(named) - _MOST_UNKNOWN} more unknown keys"
        named[_MOST_UNKNOWN:] = [Problem("body", rest, allowed)]
    return named


def event_json_schema(keys: int = KEYS) -> dict[str, Json]:
    """Say the rules of `event_form` as JSON Schema 2020-12, all but the nesting of the whole."""
    folder_id: Json = _pattern(ids.FOLDER_ID, but_not=ids.FOLDER_TRAPS)
    wide: dict[str, Json] = {"maxProperties": keys, "additionalProperties": {"$ref": "#/$defs/json"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event",
        "type": "object",
        "required": ["tool_id", "event"],
        "additionalProperties": False,
        "properties": {
            "tool_id": _pattern(ids.PLUGIN_ID),
            "event": _pattern(ids.EVENT_NAME),
            "params": {"type": "object", **wide, "default": {}},
            "context": {
                "type": "object",
                **wide,
                "properties": {"chat_id": folder_id, "session_id": folder_id},
                "default": {},
            },
        },
        "$defs": {"json": {**wide, "items": {"$ref": "#/$defs/json"}}},
    }


def _pattern(whole: str, *, but_not: str = _DOTS) -> dict[str, Json]:
    return {"type": "string", "pattern": f"^(?:{whole})$", "not": {"pattern": but_not}}
