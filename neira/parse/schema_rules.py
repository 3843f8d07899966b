"""JSON Schema 2020-12 as rules: each keyword is a function from where it stands to a rule.

`json_schema` calls these for every schema it meets. A keyword's argument is checked here, at registration; a
rule only ever sees JSON, and leaves alone what is not of its type.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, TypeAlias

from neira.errors.input import BadParamsSchema
from neira.model import Json, Problem
from neira.parse.fields import dotted, seen

if TYPE_CHECKING:
    from collections.abc import Hashable

    from neira.parse.schema_run import Node, Place, Rule, Run

MOST_BRANCHES = 100  # of anyOf and its like
MOST_VALUES = 1_000  # of enum, required
_MOST_SHOWN = 20
_SMALLEST_STEP, _LARGEST_STEP = 1e-9, 1e15


class Site(Protocol):
    """One keyword in its schema: its argument, its neighbours, and the way to the schemas below it."""

    @property
    def argument(self) -> Json:
        """What the keyword is given."""

    @property
    def schema(self) -> dict[str, Json]:
        """The schema it stands in."""

    @property
    def strict_int(self) -> bool:
        """Whether 1.0 is no integer here."""

    def below(self, argument: Json, *steps: str | int, in_place: bool = False) -> Node:
        """Compile a schema that stands in the argument; in place: it judges the same value."""

    def referred(self) -> Node:
        """Compile what a `$ref` points to."""

    def beside(self, name: str) -> Site | None:
        """Go to a neighbour in the same schema, if it is there."""

    def inside(self, key: str) -> Site:
        """Go to one entry of the argument, a map."""

    def refuse(self, allowed: str) -> BadParamsSchema:
        """Make the error that names this argument."""


Keyword: TypeAlias = Callable[[Site], "Rule"]


def flaw(path: tuple[str | int, ...], found: str, allowed: str, near: str | None = None) -> BadParamsSchema:
    """Make the error that refuses a schema."""
    return BadParamsSchema([Problem(dotted(path), found, allowed, near)])


def is_number(value: Json) -> bool:
    """Tell numbers from all else; True and False are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(value: Json) -> Hashable:
    """Make values comparable as JSON compares them: 1 is 1.0, and true is neither."""
    match value:
        case bool():
            return ("truth", value)
        case list():
            return ("list", tuple(same(part) for part in value))
        case dict():
            return ("map", frozenset((key, same(part)) for key, part in value.items()))
        case _:
            return value


def _strictly_int(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: dict[str, tuple[str, Callable[[Json], bool]]] = {
    "null": ("null", lambda value: value is None),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "integer": (
        "an integer",
        lambda value: _strictly_int(value) or (isinstance(value, float) and value.is_integer()),
    ),
    "number": ("a number", is_number),
    "string": ("a string", lambda value: isinstance(value, str)),
    "array": ("a list", lambda value: isinstance(value, list)),
    "object": ("a map", lambda value: isinstance(value, dict)),
}


def type_(site: Site) -> Rule:
    """`type`: a name or a list of names."""
    names = site.argument if isinstance(site.argument, list) else [site.argument]
    if not names or not all(isinstance(name, str) and name in _TYPES for name in names):
        raise site.refuse(f"one or several of {', '.join(_TYPES)}")
    words = " or ".join(_TYPES[str(name)][0] for name in names)
    tests = [
        _strictly_int if name == "integer" and site.strict_int else _TYPES[str(name)][1] for name in names
    ]

    def rule(value: Json, place: Place, run: Run) -> None:
        if not any(test(value) for test in tests):
            run.blame(place, value, words)

    return rule


def enum(site: Site) -> Rule:
    """`enum`: one of these values."""
    values = _list(site, MOST_VALUES)
    known = {same(value) for value in values}
    words = "one of " + ", ".join(
        [*map(seen, values[:_MOST_SHOWN]), *("…" for _ in values[_MOST_SHOWN:][:1])]
    )

    def rule(value: Json, place: Place, run: Run) -> None:
        if isinstance(value, (list, dict)):
            run.spend(_size(value))
        if same(value) not in known:
            run.blame(place, value, words)

    return rule


def const(site: Site) -> Rule:
    """`const`: this very value."""
    wanted, words = same(site.argument), seen(site.argument)

    def rule(value: Json, place: Place, run: Run) -> None:
        run.spend(_size(value))
        if same(value) != wanted:
            run.blame(place, value, words)

    return rule


def bound(words: str, fits: Callable[[float, float], bool]) -> Keyword:
    """`minimum` and its like: compare a number with the argument."""

    def keyword(site: Site) -> Rule:
        edge = _number(site)

        def rule(value: Json, place: Place, run: Run) -> None:
            if is_number(value) and not fits(value, edge):  # type: ignore[arg-type]
                run.blame(place, value, f"a number {words} {edge}")

        return rule

    return keyword


def size(kind: type, what: str, fits: Callable[[int, int], bool], words: str) -> Keyword:
    """`minLength` and its like: compare a count with the argument."""

    def keyword(site: Site) -> Rule:
        edge = natural(site)

        def rule(value: Json, place: Place, run: Run) -> None:
            if isinstance(value, kind) and not fits(len(value), edge):  # type: ignore[arg-type]
                run.add(place, f"{len(value)} {what}", f"{words} {edge} {what}")  # type: ignore[arg-type]

        return rule

    return keyword


def multiple_of(site: Site) -> Rule:
    """`multipleOf`: exact for decimal fractions too."""
    step = _number(site)
    if not _SMALLEST_STEP <= step <= _LARGEST_STEP:
        raise site.refuse(f"a number from {_SMALLEST_STEP} to {_LARGEST_STEP:.0e}")
    exact = Fraction(repr(step))

    def rule(value: Json, place: Place, run: Run) -> None:
        run.spend(5)
        if is_number(value) and (Fraction(repr(value)) / exact).denominator != 1:
            run.blame(place, value, f"a multiple of {step}")

    return rule


def unique_items(site: Site) -> Rule:
    """`uniqueItems`: no two equal."""
    if not isinstance(site.argument, bool):
        raise site.refuse("true or false")
    wanted = site.argument

    def rule(value: Json, place: Place, run: Run) -> None:
        if wanted and isinstance(value, list):
            run.spend(_size(value))
            if len({same(part) for part in value}) < len(value):
                run.add(place, "a list with equal values", "each value once")

    return rule


def required(site: Site) -> Rule:
    """Keep `required`: keys that must be there."""
    names = names_of(site)

    def rule(value: Json, place: Place, run: Run) -> None:
        if isinstance(value, dict):
            for name in names:
                if name not in value:
                    run.add((place, name), "missing", _wanted(site, name))

    return rule


def _wanted(site: Site, name: str) -> str:
    """Say what a missing key should hold, as far as its schema tells at a glance."""
    properties = site.schema.get("properties")
    schema = properties.get(name) if isinstance(properties, dict) else None
    known = schema.get("type") if isinstance(schema, dict) else None
    return _TYPES[known][0] if isinstance(known, str) and known in _TYPES else "a value here"


def natural(site: Site) -> int:
    """Take an argument as a count."""
    found = _number(site)
    if found < 0 or found != found // 1:
        raise site.refuse("a whole number from 0")
    return int(found)


def names_of(site: Site) -> tuple[str, ...]:
    """Take an argument as a list of keys."""
    found = site.argument
    if not isinstance(found, list) or len(found) > MOST_VALUES:
        raise site.refuse(f"a list of at most {MOST_VALUES} keys")
    names = tuple(name for name in found if isinstance(name, str))
    if len(set(names)) < len(found):
        raise site.refuse("a list of different keys, each a string")
    return names


def _number(site: Site) -> float:
    found = site.argument
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not math.isfinite(found):
        raise site.refuse("a number")
    return found


def _list(site: Site, most: int) -> list[Json]:
    found = site.argument
    if not isinstance(found, list) or not 0 < len(found) <= most:
        raise site.refuse(f"a list of 1 to {most} values")
    return found


def _size(value: Json) -> int:
    """Count the parts of a value."""
    match value:
        case list():
            return 1 + sum(_size(part) for part in value)
        case dict():
            return 1 + sum(_size(part) for part in value.values())
        case _:
            return 1
