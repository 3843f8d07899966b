"""`neira tools list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import objects
from neira.cli.command import verb
from neira.cli.options import asked
from neira.cli.output import Answer, Table, cell
from neira.cli.plugins.looks import title
from neira.cli.road import needs_client
from neira.cli.words import Language, Word

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.model import JsonObject


@verb("list")
@needs_client
def run(client: Client) -> Answer:
    """List the tools that a frontend draws, with their buttons and events."""
    body = client.call("GET", "/ui/tools").body
    language = asked(click.get_current_context()).language
    rows = tuple(row for tool in objects(body, "tools") for row in _rows(tool, language))
    return Answer(body, (Table((Word.PLUGIN, Word.VERSION, Word.BUTTON, Word.TITLE, Word.EVENT), rows),))


def _rows(tool: JsonObject, language: Language) -> list[tuple[str, ...]]:
    start = (cell(tool.get("id")), cell(tool.get("version")))
    buttons = objects(tool, "buttons")
    if not buttons:
        return [(*start, "-", title(tool.get("title"), language), "-")]
    return [
        (*start, cell(button.get("id")), title(button.get("title"), language), cell(button.get("event")))
        for button in buttons
    ]
