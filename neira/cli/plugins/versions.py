"""`neira plugins versions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import objects
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.output import Answer, Table, cell
from neira.cli.road import needs_client
from neira.cli.types import PLUGIN
from neira.cli.words import Word

if TYPE_CHECKING:
    from neira.cli.client import Client

_KEYS = ("version", "revision", "live", "digest", "at")
_HEADINGS = (Word.VERSION, Word.NUMBER, Word.LIVE, Word.DIGEST, Word.CREATED)


@verb("versions")
@click.argument("plugin", type=PLUGIN)
@needs_client
def run(client: Client, *, plugin: str) -> Answer:
    """List the versions that are kept, the live one among them."""
    body = client.call("GET", f"/plugins/{segment(plugin)}/versions").body
    rows = tuple(tuple(cell(each.get(key)) for key in _KEYS) for each in objects(body, "versions"))
    return Answer(body, (Table(_HEADINGS, rows),))
