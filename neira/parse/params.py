"""`params_schema` and its like: what params must look like, compiled once, checked at every event.

The registry compiles schemas when a plugin is registered; the event door and function calls ask for problems.

The short form names keys and their types::

    params_schema:
      color: red | green | blue     # choices: words with | between them
      size: int 1..64               # a range; of a string, list or map it is the length
      width: float ..10?            # ? : may be missing or null
      label: string 1..40
      points: [{x: float, y: float}]   # a list of T is [T]; as text "[T] 2..3?"
      options?: {snap: bool}        # ? may stand at the key, as a map or list needs it
      password: secret              # a string that is journaled as an HMAC (JSON Schema: writeOnly)
      extra: any                    # bool, list, map, any: no more is said

It checks the keys it names and lets others through, unless it is closed. `int` takes no 1.0, no true, and
only what is exact everywhere (±(2^53-1)); `float` takes integers too. A map with `$schema`, or with
`type: object`, is JSON Schema 2020-12 instead. Patterns are RE2; references stay within the schema; what
would take long to check is refused at registration, and a budget of steps stops the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.input import BadParamsSchema
from neira.model import Json, JsonObject, Problem
from neira.parse.fields import seen
from neira.parse.json_schema import check_size, compile_schema
from neira.parse.plain import as_written, typed
from neira.parse.schema_run import check
from neira.parse.secrets import places
from neira.parse.short_form import RULE, ShortForm

if TYPE_CHECKING:
    from neira.parse.schema_run import Node
    from neira.parse.secrets import Path


@dataclass(frozen=True, slots=True)
class ParamsSchema:
    """A compiled schema; `source` is what was written, as JSON, and compiles to the same again."""

    source: JsonObject
    json_schema: JsonObject
    node: Node
    secrets: tuple[Path, ...] = ()  # the places of what the journal must not hold

    def problems(self, params: JsonObject, *, root: str = "params") -> tuple[Problem, ...]:
        """Name all that is wrong with a value, each with its path, `params.points[3].x`."""
        return check(self.node, params if isinstance(params, dict) else dict(params), root)


def compile(  # noqa: A001  (callers read it as params.compile)
    schema: Json, *, closed: bool = False, root: str = "params_schema"
) -> ParamsSchema:
    """Compile a schema in either form; `closed` makes a short form refuse keys that it does not name."""
    if not isinstance(schema, Mapping):
        raise BadParamsSchema([Problem(root, seen(schema), f"a map of keys, each with {RULE}")])
    check_size(dict(schema), root)
    if is_json_schema(schema):
        source = {key: typed(part) for key, part in schema.items()}
        return ParamsSchema(source, source, compile_schema(source, root), places(source))
    form = ShortForm(closed)
    full = form.read(schema, root)
    if form.problems:
        raise BadParamsSchema(form.problems)
    written = {key: as_written(part) for key, part in schema.items()}
    return ParamsSchema(written, full, compile_schema(full, root, strict_int=True), places(full))


def is_json_schema(schema: JsonObject) -> bool:
    """Tell JSON Schema from the short form, in which `object` is no type."""
    return "$schema" in schema or schema.get("type") == "object"
