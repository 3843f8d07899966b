"""The OpenAPI document, put in order for the page that shows it to people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_METHODS = ("get", "post", "put", "delete")
_CONDITIONS = ("If-Match", "Idempotency-Key", "If-None-Match")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a route takes or gives."""

    name: str
    place: str
    type: str
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One route as the page shows it."""

    id: str
    method: str
    path: str
    scope: str
    summary: str
    takes: tuple[Field, ...]
    gives: tuple[Field, ...]
    statuses: tuple[tuple[str, str], ...]
    curl: str


@dataclass(frozen=True, slots=True)
class Group:
    """The routes of one noun."""

    name: str
    meaning: str
    routes: tuple[Shown, ...]


def groups(document: Mapping[str, Any]) -> tuple[Group, ...]:
    """Group the routes of a document by noun."""
    routes = [(operation["tags"][0], shown) for operation, shown in _routes(document)]
    return tuple(
        Group(tag["name"], tag["description"], tuple(shown for name, shown in routes if name == tag["name"]))
        for tag in document["tags"]
    )


def _routes(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Shown]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield item[method], _shown(document, path, method, item)


def _shown(document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any]) -> Shown:
    operation = item[method]
    scope = operation["x-required-scope"]
    parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
    body = _body(operation)
    takes = [_parameter(each) for each in parameters] + list(_fields(document, body, "body"))
    content = operation["responses"]["200"].get("content", {})
    schema: Mapping[str, Any] = next((each["schema"] for each in content.values() if "schema" in each), {})
    return Shown(
        operation["operationId"],
        method.upper(),
        path,
        scope,
        operation.get("summary", ""),
        tuple(takes),
        tuple(_fields(document, schema, "answer")),
        tuple((status, _meaning(document, each)) for status, each in operation["responses"].items()),
        _curl(document, method, path, scope, body),
    )


def _body(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (
        operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    )
    return found


def _parameter(parameter: Mapping[str, Any]) -> Field:
    schema = parameter.get("schema", {})
    return Field(
        parameter["name"],
        parameter["in"],
        _type(schema),
        parameter.get("required", False),
        parameter.get("description", ""),
    )


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any], place: str) -> Iterator[Field]:
    whole = _resolved(document, schema)
    needed = set(whole.get("required", ()))
    for name, field in whole.get("properties", {}).items():
        yield Field(name, place, _type(field), name in needed, field.get("description", ""))


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return _resolved(document, found)


def _type(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(word) for word in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    found = schema.get("type", "any")
    return " | ".join(found) if isinstance(found, list) else str(found)


def _meaning(document: Mapping[str, Any], response: Mapping[str, Any]) -> str:
    return str(_resolved(document, response).get("description", ""))


def _curl(document: Mapping[str, Any], method: str, path: str, scope: str, body: Mapping[str, Any]) -> str:
    """Write a call that can be tried in a shell, with $URL and $TOKEN."""
    words = ["curl"]
    if method != "get":
        words += ["-X", method.upper()]
    if scope != "none":
        words.append('-H "Authorization: Bearer $TOKEN"')
    if body:
        whole = _resolved(document, body)
        example = {
            name: _example(whole["properties"][name])
            for name in [*whole.get("required", ()), *(["why"] if "why" in whole["properties"] else [])]
        }
        words += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(example)}'"]
    return " ".join([*words, f'"$URL{path}"'])


def _example(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    return {"boolean": True, "integer": 1, "object": {}, "array": []}.get(kind, "…")
