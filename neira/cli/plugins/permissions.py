"""`neira plugins permissions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import as_object, words_of
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.output import Answer, Note, Table, cell, plain
from neira.cli.road import needs_client
from neira.cli.types import PLUGIN
from neira.cli.words import Word

if TYPE_CHECKING:
    from neira.cli.client import Client

_HEADINGS = (Word.PERMISSION, Word.GRANTED, Word.WAITS)


@verb("permissions")
@click.argument("plugin", type=PLUGIN)
@needs_client
def run(client: Client, *, plugin: str) -> Answer:
    """Show what a plugin asks for, what it was granted, and what waits for approval."""
    body = client.call("GET", f"/plugins/{segment(plugin)}/permissions").body
    found = as_object(body)
    granted, pending = words_of(found.get("granted")), as_object(found.get("pending"))
    asks = words_of(pending.get("asks"))
    every = dict.fromkeys([*words_of(found.get("requested")), *granted, *asks])
    rows = tuple((each, cell(each in granted), cell(each in asks)) for each in every)
    digest = pending.get("digest")
    hint = (Note(f"→ neira plugins approve {plugin} --digest {plain(digest)}"),) if digest else ()
    return Answer(body, (Table(_HEADINGS, rows), *hint))
