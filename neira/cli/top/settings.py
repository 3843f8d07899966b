"""`neira settings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.command import verb
from neira.cli.output import Answer, Table, cell
from neira.cli.session import needs_home
from neira.cli.words import Word
from neira.settings import explain

if TYPE_CHECKING:
    from neira.home import Home
    from neira.model import Json, JsonObject
    from neira.settings import Shown

_KEYS = ("setting", "value", "source", "meaning")
_HEADINGS = (Word.SETTING, Word.VALUE, Word.SOURCE, Word.MEANING)


@verb("settings")
@needs_home
def run(home: Home) -> Answer:
    """Show every setting with its value, where that came from, and what it means."""
    found = [_entry(shown) for shown in explain(home.root)]
    rows = tuple(tuple(cell(entry[key]) for key in _KEYS) for entry in found)
    return Answer({"settings": found}, (Table(_HEADINGS, rows),))


def _entry(shown: Shown) -> JsonObject:
    return {
        "setting": shown.option.name,
        "variable": shown.option.variable,
        "value": _plain(shown.value),
        "default": _plain(shown.option.default),
        "source": shown.source,
        "meaning": shown.option.meaning,
    }


def _plain(value: Json) -> Json:
    return list(value) if isinstance(value, tuple) else value
