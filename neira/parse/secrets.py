"""Values that a schema marks as secret (`secret` in the short form, `writeOnly: true` in JSON Schema).

`params` finds their places when a schema is compiled; the hub has them replaced before anything is journaled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.model import Json, JsonObject

ANY = object()  # stands for every entry of a list
Path: TypeAlias = tuple[object, ...]
_DEEPEST = 20  # schemas within schemas; what lies deeper is no longer looked at


def places(schema: JsonObject) -> tuple[Path, ...]:
    """Find the places of secrets in a JSON Schema, as far as properties and items lead."""
    found: list[Path] = []
    _look(schema, (), found)
    return tuple(found)


def hidden(params: JsonObject, places: Sequence[Path], seal: Callable[[str], str]) -> JsonObject:
    """Copy params with every secret sealed; what is no text is sealed by its type alone."""
    shown: Json = params
    for path in places:
        shown = _hide(shown, path, seal)
    assert isinstance(shown, Mapping)  # only what lies below the top was replaced
    return shown


def _look(schema: Json, path: Path, found: list[Path]) -> None:
    if not isinstance(schema, Mapping) or len(path) > _DEEPEST:
        return
    if schema.get("writeOnly") is True and path:
        found.append(path)
        return
    properties = schema.get("properties")
    for name, part in properties.items() if isinstance(properties, Mapping) else ():
        _look(part, (*path, name), found)
    _look(schema.get("items"), (*path, ANY), found)


def _hide(value: Json, path: Path, seal: Callable[[str], str]) -> Json:
    if not path:
        return None if value is None else seal(value if isinstance(value, str) else type(value).__name__)
    first, rest = path[0], path[1:]
    if first is ANY:
        return [_hide(each, rest, seal) for each in value] if isinstance(value, list) else value
    if isinstance(value, Mapping) and first in value:
        name = str(first)
        return {**value, name: _hide(value[name], rest, seal)}
    return value
