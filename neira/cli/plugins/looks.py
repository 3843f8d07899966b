"""How plugins look in a table and one by one; used by the verbs of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.output import Table, cell, facts_of
from neira.cli.words import Language, Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neira.cli.output import Facts
    from neira.model import Json, JsonObject

_FIRST = ("id", "title", "version", "kind", "state", "reason", "pinned", "pending", "strikes")
_LONG = ("manifest", "versions")
_LAST = ("digest", "revision", "journal_id")


def table(plugins: Iterable[JsonObject], language: Language) -> Table:
    """List plugins, one a row."""
    headings = (Word.PLUGIN, Word.VERSION, Word.KIND, Word.STATE, Word.TITLE)
    return Table(headings, tuple(_row(plugin, language) for plugin in plugins))


def one(plugin: JsonObject) -> Facts:
    """Show one plugin: what matters first, the rest by name; manifest and versions are for --json."""
    rest = sorted(key for key in plugin if key not in {*_FIRST, *_LAST, *_LONG})
    return facts_of(plugin, (*_FIRST, *rest, *_LAST))


def _row(plugin: JsonObject, language: Language) -> tuple[str, ...]:
    keys = ("id", "version", "kind", "state")
    return (*(cell(plugin.get(key)) for key in keys), title(plugin.get("title"), language))


def title(value: Json, language: Language) -> str:
    """Pick the title in the reader's language; a plain string is every language's."""
    if isinstance(value, dict):
        value = value.get(language.value) or value.get("en") or next(iter(value.values()), None)
    return cell(value)
