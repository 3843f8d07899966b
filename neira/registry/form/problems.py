"""Flaws of a manifest: from marshmallow's tree of errors to a flat list, each with its path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from neira.parse.fields import dotted, seen
from neira.parse.near import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from marshmallow import Schema, fields

    from neira.parse.document import Steps

MOST = 50  # flaws of one manifest that are worded; beyond them a suggestion helps nobody
UNKNOWN, MISSHAPEN = "unknown", "misshapen"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a value; the path comes from where it stands, and goes on `inside` it."""

    found: str
    allowed: str
    suggestion: str | None = None
    inside: Steps = ()


class Flaw(NamedTuple):
    """Something wrong, and where."""

    path: Steps
    wrong: Wrong


def flaws(errors: Any, schema: Schema, keys: Mapping[str, Any]) -> list[Flaw]:
    """List what is wrong in the order of its paths."""
    found = sorted(_walk(errors, ()), key=lambda flaw: [str(step) for step in flaw.path])
    return [_worded(flaw, schema, keys) for flaw in found[:MOST]]


def _walk(errors: Any, path: Steps) -> Iterator[Flaw]:
    if isinstance(errors, Wrong):
        yield Flaw((*path, *errors.inside), errors)
    elif isinstance(errors, dict):
        for key, inner in errors.items():
            yield from _walk(inner, path if _is_mark(key, inner) else (*path, key))
    elif isinstance(errors, list):
        for inner in errors:
            yield from _walk(inner, path)
    else:
        yield Flaw(path, Wrong(MISSHAPEN, str(errors)))


def _is_mark(key: Any, inner: Any) -> bool:
    """Tell marshmallow's mark for a whole map from a key that somebody called so."""
    return key == "_schema" and not any(getattr(wrong, "found", "") == UNKNOWN for wrong in inner)


def _worded(flaw: Flaw, schema: Schema, keys: Mapping[str, Any]) -> Flaw:
    path, wrong = flaw
    if wrong.found == UNKNOWN:
        known = sorted(_keys_at(schema, path[:-1]))
        near = nearest(str(path[-1]), known)
        return Flaw(path, Wrong("a key that no manifest has here", "one of " + ", ".join(known), near))
    if wrong.found == MISSHAPEN:
        return Flaw(path, replace(wrong, found=seen(_at(keys, path))))
    return flaw


def _keys_at(schema: Schema, path: Steps) -> set[str]:
    """Find which keys a map at a path may have."""
    here: Schema = schema
    for key in path:
        if isinstance(key, int):
            continue
        field: Any = here.fields[key]
        here = cast("fields.Nested", getattr(field, "inner", field)).schema
    return set(here.fields)


def _at(keys: Any, path: Steps) -> Any:
    for key in path:
        keys = keys[key]
    return keys


def steps_of(value: Any, path: str) -> Steps:
    """Find the steps that lead to what a written path names, as far as there is something."""
    steps: Steps = ()
    while isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        written = ((dotted((*steps, key)), key, part) for key, part in inner)
        fits = [
            each for each in written if path == each[0] or path.startswith((f"{each[0]}.", f"{each[0]}["))
        ]
        if not fits:
            break
        _, key, value = max(fits, key=lambda each: len(each[0]))
        steps = (*steps, key)
    return steps
