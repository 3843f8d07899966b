"""`neira notifications list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import objects
from neira.cli.command import verb
from neira.cli.options import asked
from neira.cli.output import Answer, Table, cell
from neira.cli.paging import fetch, more, paged
from neira.cli.road import needs_client
from neira.cli.words import Word

if TYPE_CHECKING:
    from neira.cli.client import Client

_KEYS = ("ts", "plugin", "title", "message")
_HEADINGS = (Word.WHEN, Word.PLUGIN, Word.TITLE, Word.TEXT)


@verb("list")
@paged
@needs_client
def run(client: Client, *, limit: int, cursor: str | None, whole: bool) -> Answer:
    """List what plugins and the system want people to see, newest first."""
    body = fetch(client, "/notifications", "notifications", query={}, limit=limit, cursor=cursor, whole=whole)
    rows = tuple(tuple(cell(each.get(key)) for key in _KEYS) for each in objects(body, "notifications"))
    behind = more(body, asked(click.get_current_context()).language)
    return Answer(body, (Table(_HEADINGS, rows), *behind))
