"""How gates look: a table of all, one with its criteria, the answer to a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.changing import as_object, objects
from neira.cli.output import Answer, Facts, Line, Note, Table, cell, facts_of, plain
from neira.cli.plugins.looks import title
from neira.cli.words import Language, Word
from neira.errors.gate import UnknownGate
from neira.parse.near import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.cli.client import Reply
    from neira.cli.output import View
    from neira.model import JsonObject

_ONE = ("name", "state", "mode", "since", "by", "why", "notes", "guards", "signals", "safeguards", "warning")
_CHANGED = ("name", "state", "from", "mode", "safeguards", "journal_id")


def table(gates: Sequence[JsonObject], language: Language) -> Table:
    """List gates, one a row."""
    rows = (
        (
            cell(gate.get("name")),
            cell(gate.get("state")),
            cell(gate.get("mode")),
            title(gate.get("title"), language),
        )
        for gate in gates
    )
    return Table((Word.GATE, Word.STATE, Word.MODE, Word.TITLE), tuple(rows))


def pick(gates: Sequence[JsonObject], name: str) -> JsonObject:
    """Find one gate by its name."""
    for gate in gates:
        if gate.get("name") == name:
            return gate
    close = nearest(name, [str(gate.get("name")) for gate in gates])
    raise UnknownGate(name, (close,) if close else ())


def one(gate: JsonObject) -> tuple[View, ...]:
    """Show one gate with the distance to its criteria and the ways to change it."""
    criteria = tuple((f"criterion {n}", cell(each.get("sentence"))) for n, each in _numbered(gate))
    return (facts_of(gate, _ONE), *((Facts(criteria),) if criteria else ()), *_ways(gate, "how_to_change"))


def changed(reply: Reply, language: Language) -> Answer:
    """Show a change of a gate: the sentence, the safeguards, and how to go back."""
    body = as_object(reply.body)
    if "capabilities" in body:  # the phrase was a question
        return Answer(reply.body, (table(objects(body, "capabilities"), language),))
    message = as_object(body.get("message")).get(language.value)
    first = (Line(cell(message)),) if message else ()
    return Answer(reply.body, (*first, facts_of(body, _CHANGED), *_ways(body, "how_to_go_back")))


def _numbered(gate: JsonObject) -> list[tuple[int, JsonObject]]:
    return list(enumerate(objects(gate, "criteria"), 1))


def _ways(body: JsonObject, key: str) -> tuple[View, ...]:
    change = as_object(body.get(key))
    ways = change.get("ways")
    if not isinstance(ways, list):
        return ()
    return tuple(Note(f"→ {plain(change.get('to'))}: {plain(way)}") for way in ways)
