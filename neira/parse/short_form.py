"""The short form of a schema, `{color: string?, size: int 1..64}`, turned into JSON Schema.

`params` calls it and documents the form for authors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neira.model import Json, Problem
from neira.parse.fields import seen, step
from neira.parse.json_schema import DIALECT
from neira.parse.near import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

SAFE_INT = 2**53 - 1  # what every JSON reader and every engine keeps exactly
RULE = (
    "a type (string, secret, int, float, bool, list, map, any), a list type [T], choices a | b | c, or a map "
    "of these; with ? when it may be missing, and a range such as int 1..64 or string 1..40"
)

_LONGEST = 500
_TYPE = re.compile(
    r"(?P<type>[A-Za-z]+|\[(?P<items>.*)\]) ?(?P<early>\?)? ?(?P<range>[^ ?\]]+)? ?(?P<late>\?)?"
)
_NUMBER = r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_RANGE = re.compile(rf"(?P<low>{_NUMBER})?\.\.(?P<high>{_NUMBER})?")
_CHOICE = re.compile(r"[^\s|?\[\]{}\"',]{1,100}")

_NAMES: dict[str, str | None] = {
    "string": "string",
    "secret": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "map": "object",
    "any": None,
}
_EDGES = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


class _Flaw(ValueError):
    """A type text that cannot be read; says what is allowed, and what was perhaps meant."""

    def __init__(self, allowed: str, near: str | None = None) -> None:
        super().__init__(allowed)
        self.allowed = allowed
        self.near = near


@dataclass(slots=True)
class ShortForm:
    """Reads one short form and collects its mistakes."""

    closed: bool
    problems: list[Problem] = field(default_factory=list)

    def read(self, short: Mapping[str, Json], path: str) -> dict[str, Json]:
        """Turn the whole form into a JSON Schema."""
        return {"$schema": DIALECT, **self._members(short, path)}

    def _members(self, short: Mapping[str, Json], path: str) -> dict[str, Json]:
        properties: dict[str, Json] = {}
        required: list[Json] = []
        for written, value in short.items():
            key = written.removesuffix("?")
            where = step(path, written)
            if not key or key in properties:
                self._refuse(where, seen(written), "each key once, with or without ?")
                continue
            schema, optional = self._value(value, where)
            if key != written:
                schema, optional = _or_null(schema), True
            properties[key] = schema
            if not optional:
                required.append(key)
        return self._object(properties, required)

    def _object(self, properties: dict[str, Json], required: list[Json]) -> dict[str, Json]:
        schema: dict[str, Json] = {"type": "object"}
        if properties:
            schema["properties"] = properties
        if required:
            schema["required"] = required
        if self.closed:
            schema["additionalProperties"] = False
        return schema

    def _value(self, value: Json, path: str) -> tuple[dict[str, Json], bool]:
        """Read one type; tell also whether it may be missing."""
        match value:
            case str():
                try:
                    return read_type(value)
                except _Flaw as flaw:
                    self._refuse(path, seen(value), flaw.allowed, flaw.near)
            case list() if len(value) == 1:
                items, _ = self._value(value[0], step(path, 0))
                return {"type": "array", "items": items}, False
            case dict() if value:
                return self._members(value, path), False
            case dict():
                return {"type": "object"}, False
            case list():
                self._refuse(path, seen(value), "one type in brackets; choices are written a | b | c")
            case _:
                self._refuse(path, seen(value), RULE)
        return {}, True

    def _refuse(self, path: str, found: str, allowed: str, near: str | None = None) -> None:
        self.problems.append(Problem(path, found, allowed, near))


def read_type(text: str) -> tuple[dict[str, Json], bool]:
    """Read the text of a type; tell also whether it may be missing."""
    text = " ".join(text.split())
    if len(text) > _LONGEST:
        raise _Flaw(f"a type of at most {_LONGEST} characters")
    if "|" in text and not text.startswith("["):
        return _choices(text)
    found = _TYPE.fullmatch(text)
    if found is None or (found["early"] and found["late"]):
        raise _Flaw(RULE)
    if found["items"] is not None:
        schema: dict[str, Json] = {"type": "array", "items": read_type(found["items"])[0]}
    else:
        schema = _named(found["type"])
    if found["range"]:
        _set_range(schema, found["range"])
    optional = bool(found["early"] or found["late"])
    return (_or_null(schema) if optional else schema), optional


def _named(name: str) -> dict[str, Json]:
    if name not in _NAMES:
        raise _Flaw(RULE, nearest(name, _NAMES))
    known = _NAMES[name]
    schema: dict[str, Json] = {} if known is None else {"type": known}
    if name == "secret":
        schema["writeOnly"] = True
    return {**schema, "minimum": -SAFE_INT, "maximum": SAFE_INT} if name == "int" else schema


def _choices(text: str) -> tuple[dict[str, Json], bool]:
    optional = text.endswith("?")
    words = [word.strip() for word in text.removesuffix("?").split("|")]
    if not all(_CHOICE.fullmatch(word) for word in words) or len(set(words)) < len(words):
        raise _Flaw("different words with | between them, without spaces, quotes or brackets in a word")
    if strange := next((word for word in words if word in _NAMES), None):
        raise _Flaw(f"words: {strange} is a type, and a value of several types is `any`")
    choices: list[Json] = [*words]
    return {"enum": [*choices, None] if optional else choices}, optional


def _set_range(schema: dict[str, Json], text: str) -> None:
    edges = _EDGES.get(str(schema.get("type")))
    found = _RANGE.fullmatch(text)
    if edges is None or found is None or not (found["low"] or found["high"]):
        raise _Flaw("a range low..high after string, int, float, list, map or [T]")
    whole = schema["type"] != "number"
    for name, number in zip(edges, (found["low"], found["high"]), strict=True):
        if number is not None:
            schema[name] = _number(number, whole=whole, least=0 if edges[0] != "minimum" else None)
    low, high = (schema.get(name) for name in edges)
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
        raise _Flaw("a range whose low end is not above its high end")


def _number(text: str, *, whole: bool, least: int | None) -> float:
    if whole and "." in text:
        raise _Flaw("whole numbers in this range")
    number = int(text) if "." not in text else float(text)
    if least is not None and number < least:
        raise _Flaw("a length from 0")
    return number


def _or_null(schema: dict[str, Json]) -> dict[str, Json]:
    """Allow null as well: what may be missing may also be null."""
    if isinstance(kind := schema.get("type"), str):
        return {**schema, "type": [kind, "null"]}
    choices = schema.get("enum")
    if isinstance(choices, list) and None not in choices:
        return {**schema, "enum": [*choices, None]}
    return schema
