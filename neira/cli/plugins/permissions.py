"""`neira plugins permissions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import as_object, objects
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.output import Answer, Table, cell
from neira.cli.road import needs_client
from neira.cli.types import PLUGIN
from neira.cli.words import Word

if TYPE_CHECKING:
    from neira.cli.client import Client

_KEYS = ("permission", "risk", "granted", "reason")
_HEADINGS = (Word.PERMISSION, Word.RISK, Word.GRANTED, Word.REASON)


@verb("permissions")
@click.argument("plugin", type=PLUGIN)
@needs_client
def run(client: Client, *, plugin: str) -> Answer:
    """Show what a plugin may do, what it asks for, and who said so."""
    body = client.call("GET", f"/plugins/{segment(plugin)}/permissions").body
    rows = tuple(
        tuple(cell(each.get(key)) for key in _KEYS) for each in objects(as_object(body), "permissions")
    )
    return Answer(body, (Table(_HEADINGS, rows),))
