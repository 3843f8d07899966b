"""A stranger's JSON Schema, vetted and compiled: bounded, without remote references, without endless loops.

`params` calls it. What 2020-12 knows and the table below does not (`$dynamicRef` and others) is refused by
name, so a schema never promises what is not checked. Annotations are let through.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from neira.parse import schema_parts as parts
from neira.parse import schema_rules as rules
from neira.parse.fields import seen
from neira.parse.near import nearest
from neira.parse.schema_run import Node

if TYPE_CHECKING:
    from neira.errors.input import BadParamsSchema
    from neira.model import Json
    from neira.parse.placed import Steps
    from neira.parse.schema_run import Place, Run

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MOST_PARTS = 5_000
DEEPEST = 64
MOST_LEVELS = 100  # of schemas in schemas, references followed
MOST_AT_ONCE = 1_000  # schemas that judge one and the same value

_KEYWORDS: dict[str, rules.Keyword] = {
    "type": rules.type_,
    "enum": rules.enum,
    "const": rules.const,
    "minimum": rules.bound("from", operator.ge),
    "maximum": rules.bound("up to", operator.le),
    "exclusiveMinimum": rules.bound("above", operator.gt),
    "exclusiveMaximum": rules.bound("below", operator.lt),
    "multipleOf": rules.multiple_of,
    "minLength": rules.size(str, "characters", operator.ge, "at least"),
    "maxLength": rules.size(str, "characters", operator.le, "at most"),
    "minItems": rules.size(list, "values", operator.ge, "at least"),
    "maxItems": rules.size(list, "values", operator.le, "at most"),
    "minProperties": rules.size(dict, "keys", operator.ge, "at least"),
    "maxProperties": rules.size(dict, "keys", operator.le, "at most"),
    "uniqueItems": rules.unique_items,
    "required": rules.required,
    "pattern": parts.pattern,
    "properties": parts.members,
    "patternProperties": parts.members,
    "additionalProperties": parts.members,
    "propertyNames": parts.property_names,
    "items": parts.items,
    "prefixItems": parts.items,
    "contains": parts.contains,
    "$ref": parts.reference,
    "allOf": parts.all_of,
    "anyOf": parts.any_of,
    "oneOf": parts.one_of,
    "not": parts.not_,
    "if": parts.if_,
    "dependentSchemas": parts.dependent_schemas,
    "dependentRequired": parts.dependent_required,
}
_SHARED = (("properties", "patternProperties", "additionalProperties"), ("prefixItems", "items"))
_HELD_ELSEWHERE = frozenset(("minContains", "maxContains", "then", "else", "$defs"))
_ANNOTATIONS = frozenset(
    (
        *("$schema", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly"),
        *("writeOnly", "format", "contentEncoding", "contentMediaType", "contentSchema"),
    )
)
_KNOWN = (*_KEYWORDS, *_HELD_ELSEWHERE, *_ANNOTATIONS)


def compile_schema(schema: Json, root: str, *, strict_int: bool = False) -> Node:
    """Compile a schema, or refuse it with the path of the flaw below the root's name."""
    check_size(schema, root)
    compiler = _Compiler(schema, root, strict_int)
    node = compiler.node(schema, ())
    compiler.check_loops()
    return node


def check_size(schema: Json, root: str) -> None:
    """Bound the whole before anything recurses into it."""
    waiting, count = [(schema, 1)], 0
    while waiting:
        held, depth = waiting.pop()
        count += 1
        if count > MOST_PARTS or depth > DEEPEST:
            raise rules.flaw(
                (root,), "too large a schema", f"at most {MOST_PARTS} parts, nested {DEEPEST} deep"
            )
        below = held.values() if isinstance(held, dict) else held if isinstance(held, list) else ()
        waiting += [(part, depth + 1) for part in below]


@dataclass(slots=True)
class _Compiler:
    """Compiles each schema of one document once, and remembers which judge the same value."""

    document: Json
    root: str
    strict_int: bool
    level: int = 0
    nodes: dict[Steps, Node] = field(default_factory=dict)
    in_place: dict[Steps, list[Steps]] = field(default_factory=dict)

    def node(self, schema: Json, path: Steps) -> Node:
        """Compile the schema at a path; one that is being compiled is returned unfinished."""
        if path in self.nodes:
            return self.nodes[path]
        node = self.nodes[path] = Node()
        self.in_place[path] = []
        self.level += 1
        if self.level > MOST_LEVELS:
            raise self.flaw(path, "too long a chain of schemas", f"at most {MOST_LEVELS}")
        if schema is False:
            node.rules.append(_nothing)
        elif isinstance(schema, dict):
            self._fill(node, schema, path)
        elif schema is not True:
            raise self.flaw(path, seen(schema), "a schema: a map, true or false")
        self.level -= 1
        return node

    def _fill(self, node: Node, schema: dict[str, Json], path: Steps) -> None:
        self._check_names(schema, path)
        done: set[str] = set()
        for name, argument in schema.items():
            if name in _KEYWORDS and name not in done:
                node.rules.append(_KEYWORDS[name](_Site(self, name, argument, schema, path)))
                done.update(next((group for group in _SHARED if name in group), ()))
        self._compile_unused(schema, path)

    def _check_names(self, schema: dict[str, Json], path: Steps) -> None:
        for name in schema:
            if name in _KNOWN or name.startswith("x-") or (name == "$id" and not path):
                continue
            raise self.flaw(
                (*path, name), "a keyword that is not read", "JSON Schema 2020-12", nearest(name, _KNOWN)
            )
        if schema.get("$schema", DIALECT) not in (DIALECT, DIALECT + "#"):
            raise self.flaw((*path, "$schema"), seen(schema["$schema"]), DIALECT)

    def _compile_unused(self, schema: dict[str, Json], path: Steps) -> None:
        """Refuse flaws in definitions too, even if nothing refers to them."""
        definitions = schema.get("$defs", {})
        if not isinstance(definitions, dict):
            raise self.flaw((*path, "$defs"), seen(definitions), "a map of schemas")
        for name, definition in definitions.items():
            self.node(definition, (*path, "$defs", name))

    def find(self, pointer: str) -> tuple[Json, Steps] | None:
        """Follow a JSON pointer of this document."""
        found, path = self.document, list[str | int]()
        for part in unquote(pointer).split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and key in found:
                found = found[key]
                path.append(key)
            elif isinstance(found, list) and key.isascii() and key.isdigit() and int(key[:9]) < len(found):
                found = found[int(key[:9])]
                path.append(int(key[:9]))
            else:
                return None
        return found, tuple(path)

    def check_loops(self) -> None:
        """Refuse schemas that judge one value endlessly or a thousand times over."""
        costs: dict[Steps, int] = {}
        for path in self.in_place:
            self._cost(path, costs, ())

    def _cost(self, path: Steps, costs: dict[Steps, int], above: tuple[Steps, ...]) -> int:
        if path in above:
            raise self.flaw(path, "a loop of references", "references that go down into the value")
        if path not in costs:
            below = (self._cost(each, costs, (*above, path)) for each in self.in_place[path])
            costs[path] = 1 + sum(below)
        if costs[path] > MOST_AT_ONCE or len(above) > DEEPEST:
            raise self.flaw(path, "too many schemas for one value", f"at most {MOST_AT_ONCE}")
        return costs[path]

    def flaw(self, path: Steps, found: str, allowed: str, near: str | None = None) -> BadParamsSchema:
        """Make the error for a place in this document."""
        return rules.flaw((self.root, *path), found, allowed, near)


@dataclass(frozen=True, slots=True)
class _Site:
    """A `schema_rules.Site`: one keyword of one schema of the document."""

    compiler: _Compiler
    name: str
    argument: Json
    schema: dict[str, Json]
    path: Steps

    @property
    def strict_int(self) -> bool:
        """Whether 1.0 is no integer here."""
        return self.compiler.strict_int

    def below(self, argument: Json, *steps: str | int, in_place: bool = False) -> Node:
        """Compile a schema that stands in the argument."""
        path = (*self.path, self.name, *steps)
        if in_place:
            self.compiler.in_place[self.path].append(path)
        return self.compiler.node(argument, path)

    def referred(self) -> Node:
        """Compile what the argument, a `$ref`, points to."""
        if not isinstance(self.argument, str) or not self.argument.startswith("#"):
            raise self.refuse("a reference within this schema, such as #/$defs/point")
        found = self.compiler.find(self.argument[1:])
        if found is None or self.argument[1:2] not in ("", "/"):
            raise self.refuse("a reference to something that is there")
        self.compiler.in_place[self.path].append(found[1])
        return self.compiler.node(*found)

    def beside(self, name: str) -> _Site | None:
        """Go to a neighbour in the same schema."""
        if name not in self.schema:
            return None
        return _Site(self.compiler, name, self.schema[name], self.schema, self.path)

    def inside(self, key: str) -> _Site:
        """Go to one entry of the argument, a map."""
        assert isinstance(self.argument, dict)
        return _Site(self.compiler, key, self.argument[key], self.schema, (*self.path, self.name))

    def refuse(self, allowed: str) -> BadParamsSchema:
        """Make the error that names this argument."""
        return self.compiler.flaw((*self.path, self.name), seen(self.argument), allowed)


def _nothing(value: Json, place: Place, run: Run) -> None:
    run.blame(place, value, "nothing at all")
