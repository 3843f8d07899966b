"""The JSON Schema of the canonical manifest, made of the definition that parses it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from neira.registry.form.fields import ListOf, Strict
from neira.registry.form.schema import ManifestForm

if TYPE_CHECKING:
    from marshmallow import Schema

    from neira.model import JsonObject

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> JsonObject:
    """Describe a whole manifest."""
    return {"$schema": DIALECT, "title": "Neira plugin manifest", **_map(ManifestForm())}


def _map(schema: Schema) -> dict[str, Any]:
    required = [name for name, field in schema.fields.items() if field.required]
    shape: dict[str, Any] = {
        "type": "object",
        "description": inspect.getdoc(schema),
        "properties": {name: _field(field) for name, field in schema.fields.items()},
        "additionalProperties": False,
    }
    if required:
        shape["required"] = required
    return shape


def _field(field: Any) -> JsonObject:
    if isinstance(field, ListOf):
        return {"type": "array", "maxItems": field.most, "items": _field(field.inner)}
    if isinstance(field, fields.Nested):
        return _map(field.schema)
    assert isinstance(field, Strict)
    return field.json_schema()
