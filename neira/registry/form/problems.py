"""From marshmallow's tree of errors to a flat list of problems, each with its path and its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from neira.model import Problem
from neira.parse.fields import dotted
from neira.parse.near import nearest
from neira.registry.form.fields import ListOf, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marshmallow import Schema, fields

    from neira.parse.document import Document, Steps


def flat(errors: Any, schema: Schema, document: Document) -> list[Problem]:
    """List everything that is wrong, in the order of the document's fields."""
    return [_problem(path, wrong, schema, document) for path, wrong in _walk(errors, ())]


def _walk(errors: Any, path: Steps) -> Iterator[tuple[Steps, Wrong]]:
    if isinstance(errors, Wrong):
        yield path, errors
    elif isinstance(errors, dict):
        for key, inner in errors.items():
            yield from _walk(inner, path if key == "_schema" else (*path, key))
    elif isinstance(errors, list):
        for inner in errors:
            yield from _walk(inner, path)
    else:
        yield path, Wrong("something else", str(errors))


def _problem(path: Steps, wrong: Wrong, schema: Schema, document: Document) -> Problem:
    if wrong.found == "unknown":
        known = sorted(_keys_at(schema, path[:-1]))
        near = nearest(str(path[-1]), known)
        wrong = Wrong("a key that no manifest has", "one of " + ", ".join(known), near)
    line = document.line_of(path)
    return Problem(dotted(path), wrong.found, wrong.allowed, wrong.suggestion, line)


def _keys_at(schema: Schema, path: Steps) -> set[str]:
    """Find which keys a map at a path may have."""
    here: Schema = schema
    for key in path:
        if isinstance(key, int):
            continue
        field: Any = here.fields[key]
        if isinstance(field, ListOf):
            field = field.inner
        here = cast("fields.Nested", field).schema
    return set(here.fields)
