"""How records look in a table and one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.changing import as_object
from neira.cli.output import Facts, Table, cell
from neira.cli.words import Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neira.model import JsonObject

_HEADINGS = (Word.NUMBER, Word.WHEN, Word.KIND, Word.ACTOR, Word.WHAT, Word.WHY)


def table(records: Iterable[JsonObject]) -> Table:
    """List records, one a row."""
    return Table(_HEADINGS, tuple(_row(record) for record in records))


def one(record: JsonObject) -> Facts:
    """Show one record: what happened first, then its data, then its place in the chain."""
    change = as_object(record.get("change"))
    data = as_object(record.get("data"))
    chain = ("links", "payload", "prev", "hash")
    return Facts(
        (
            *((key, cell(record.get(key))) for key in ("seq", "id", "ts", "kind", "actor")),
            *((key, cell(value)) for key, value in change.items()),
            *((f"data.{key}", cell(value)) for key, value in data.items()),
            *((key, cell(record[key])) for key in chain if key in record),
        )
    )


def _row(record: JsonObject) -> tuple[str, ...]:
    change = as_object(record.get("change"))
    keys = (record.get(key) for key in ("seq", "ts", "kind", "actor"))
    return (*map(cell, keys), cell(change.get("what")), cell(change.get("why") or None))
