"""JSON Schema keywords that hold further schemas: for members, for items, and in place.

The companion of `schema_rules`; `json_schema` lists both in its table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.parse.fields import quoted
from neira.parse.near import nearest
from neira.parse.pattern import BadPattern, searcher
from neira.parse.schema_rules import MOST_BRANCHES, Site, names_of, natural
from neira.parse.schema_run import MOST_PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from neira.model import Json
    from neira.parse.schema_run import Node, Place, Rule, Run

_MOST_NAMED = 30  # known keys that an unknown one is compared with and answered with
_LETTERS_A_STEP = 256  # what a pattern reads for one step of the budget


def pattern(site: Site) -> Rule:
    """`pattern`: found somewhere in a string."""
    found = _searcher(site, site.argument)

    def rule(value: Json, place: Place, run: Run) -> None:
        if isinstance(value, str):
            run.spend(1 + len(value) // _LETTERS_A_STEP)
            if not found(value):
                run.blame(place, value, f"a string that matches {quoted(str(site.argument))}")

    return rule


def members(site: Site) -> Rule:
    """`properties`, `patternProperties` and `additionalProperties`, whichever are there."""
    named = dict(_each_named(site.beside("properties")))
    matched = _matched(site.beside("patternProperties"))
    rest = site.beside("additionalProperties")
    if rest and rest.argument is False:
        return _closed(named, matched)
    other = rest.below(rest.argument) if rest else None
    if not matched and other is None:
        return _only_named(named)

    def rule(value: Json, place: Place, run: Run) -> None:
        if isinstance(value, dict):
            for key, part in value.items():
                for node in _nodes_for(key, named, matched, run) or ([other] if other else []):
                    node.check(part, (place, key), run)

    return rule


def _only_named(named: dict[str, Node]) -> Rule:
    def rule(value: Json, place: Place, run: Run) -> None:
        if isinstance(value, dict):
            for key, node in named.items():
                if key in value:
                    node.check(value[key], (place, key), run)

    return rule


def _closed(named: dict[str, Node], matched: list[tuple[Callable[[str], bool], Node]]) -> Rule:
    known = list(named)[:_MOST_NAMED]
    allowed = f"only {', '.join(quoted(key)[1:-1] for key in known)}" if known else "no such key"

    def rule(value: Json, place: Place, run: Run) -> None:
        if not isinstance(value, dict):
            return
        for key, part in value.items():
            nodes = _nodes_for(key, named, matched, run)
            for node in nodes:
                node.check(part, (place, key), run)
            if not nodes and len(run.problems) < MOST_PROBLEMS:
                run.add((place, key), "an unknown key", allowed, nearest(key, known))

    return rule


def _nodes_for(
    key: str, named: dict[str, Node], matched: list[tuple[Callable[[str], bool], Node]], run: Run
) -> list[Node]:
    nodes = [named[key]] if key in named else []
    if matched:
        run.spend(len(matched) * (1 + len(key) // _LETTERS_A_STEP))
        nodes += (node for found, node in matched if found(key))
    return nodes


def _each_named(site: Site | None) -> Iterator[tuple[str, Node]]:
    if site is None:
        return
    for name, schema in _map(site).items():
        yield name, site.below(schema, name)


def _matched(site: Site | None) -> list[tuple[Callable[[str], bool], Node]]:
    if site is None:
        return []
    schemas = _map(site)
    if len(schemas) > MOST_BRANCHES:
        raise site.refuse(f"at most {MOST_BRANCHES} patterns")
    return [(_searcher(site, text), site.below(schema, text)) for text, schema in schemas.items()]


def property_names(site: Site) -> Rule:
    """`propertyNames`: a schema for the keys themselves."""
    node = site.below(site.argument)

    def rule(value: Json, place: Place, run: Run) -> None:
        if isinstance(value, dict):
            for key in value:
                node.check(key, (place, key), run)

    return rule


def items(site: Site) -> Rule:
    """`prefixItems` and `items`, whichever are there."""
    prefix, rest = site.beside("prefixItems"), site.beside("items")
    first = _branches(prefix) if prefix else []
    node = rest.below(rest.argument) if rest else None

    def rule(value: Json, place: Place, run: Run) -> None:
        if not isinstance(value, list):
            return
        for at, part in enumerate(value):
            if at < len(first):
                first[at].check(part, (place, at), run)
            elif node is None:
                break
            else:
                node.check(part, (place, at), run)

    return rule


def contains(site: Site) -> Rule:
    """`contains`, with `minContains` and `maxContains`."""
    node = site.below(site.argument)
    least_site, most_site = site.beside("minContains"), site.beside("maxContains")
    least = natural(least_site) if least_site else 1
    most = natural(most_site) if most_site else None

    def rule(value: Json, place: Place, run: Run) -> None:
        if isinstance(value, list):
            count = sum(node.holds(part, run) for part in value)
            if count < least or (most is not None and count > most):
                words = f"{least} or more" if most is None else f"{least} to {most}"
                run.add(place, f"a list with {count} values that fit", f"{words} that fit `contains`")

    return rule


def reference(site: Site) -> Rule:
    """`$ref`: the schema found elsewhere in the same document."""
    return site.referred().check


def all_of(site: Site) -> Rule:
    """`allOf`: every schema holds."""
    nodes = _branches(site, in_place=True)

    def rule(value: Json, place: Place, run: Run) -> None:
        for node in nodes:
            node.check(value, place, run)

    return rule


def any_of(site: Site) -> Rule:
    """`anyOf`: at least one schema holds."""
    nodes = _branches(site, in_place=True)

    def rule(value: Json, place: Place, run: Run) -> None:
        if not any(node.holds(value, run) for node in nodes):
            run.blame(place, value, f"what one of the {len(nodes)} alternatives allows")

    return rule


def one_of(site: Site) -> Rule:
    """`oneOf`: exactly one schema holds."""
    nodes = _branches(site, in_place=True)

    def rule(value: Json, place: Place, run: Run) -> None:
        fitting = sum(node.holds(value, run) for node in nodes)
        if fitting != 1:
            run.blame(
                place, value, f"what exactly one of the {len(nodes)} alternatives allows, not {fitting}"
            )

    return rule


def not_(site: Site) -> Rule:
    """`not`: the schema does not hold."""
    node = site.below(site.argument, in_place=True)

    def rule(value: Json, place: Place, run: Run) -> None:
        if node.holds(value, run):
            run.blame(place, value, "something else: `not` forbids this")

    return rule


def if_(site: Site) -> Rule:
    """`if`, with `then` and `else`."""
    test = site.below(site.argument, in_place=True)
    then, other = site.beside("then"), site.beside("else")
    after = then.below(then.argument, in_place=True) if then else None
    instead = other.below(other.argument, in_place=True) if other else None

    def rule(value: Json, place: Place, run: Run) -> None:
        if node := (after if test.holds(value, run) else instead):
            node.check(value, place, run)

    return rule


def dependent_schemas(site: Site) -> Rule:
    """`dependentSchemas`: a key brings a schema along."""
    nodes = {key: site.below(schema, key, in_place=True) for key, schema in _map(site).items()}

    def rule(value: Json, place: Place, run: Run) -> None:
        if isinstance(value, dict):
            for key, node in nodes.items():
                if key in value:
                    node.check(value, place, run)

    return rule


def dependent_required(site: Site) -> Rule:
    """`dependentRequired`: a key brings further keys along."""
    needs = {key: names_of(site.inside(key)) for key in _map(site)}

    def rule(value: Json, place: Place, run: Run) -> None:
        if isinstance(value, dict):
            for key, names in needs.items():
                for name in names if key in value else ():
                    if name not in value:
                        run.add((place, name), "missing", f"a value here, since {quoted(key)} is given")

    return rule


def _branches(site: Site, *, in_place: bool = False) -> list[Node]:
    found = site.argument
    if not isinstance(found, list) or not 0 < len(found) <= MOST_BRANCHES:
        raise site.refuse(f"a list of 1 to {MOST_BRANCHES} schemas")
    return [site.below(schema, at, in_place=in_place) for at, schema in enumerate(found)]


def _map(site: Site) -> dict[str, Json]:
    if not isinstance(site.argument, dict):
        raise site.refuse("a map")
    return site.argument


def _searcher(site: Site, text: Json) -> Callable[[str], bool]:
    if not isinstance(text, str):
        raise site.refuse("a pattern, as a quoted string")
    try:
        return searcher(text)
    except BadPattern as error:
        raise site.refuse(f"a pattern that RE2 takes ({error})") from None
