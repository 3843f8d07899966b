"""`neira journal tail`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import objects
from neira.cli.command import verb
from neira.cli.journal import looks
from neira.cli.output import Answer
from neira.cli.paging import fetch
from neira.cli.road import needs_client
from neira.cli.types import PLUGIN, Moment

if TYPE_CHECKING:
    from neira.cli.client import Client

_NAMES = {"since": "from", "until": "to", "text": "q"}  # as the route calls them


@verb("tail")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=20, help="How many records.")
@click.option("--from", "since", type=Moment(), help="Not before this time.")
@click.option("--to", "until", type=Moment(), help="Before this time.")
@click.option("--plugin", type=PLUGIN, help="About this plugin.")
@click.option("--kind", help="Of this kind, such as gate.changed, or of a noun, such as gate.")
@click.option("--actor", help="By this actor.")
@click.option("--grep", "text", help="With these words.")
@click.option("--cursor", metavar="CURSOR", help="Older ones: `next` of the page before.")
@needs_client
def run(client: Client, /, *, limit: int, cursor: str | None, **filters: str | None) -> Answer:
    """Show the newest records, the newest last."""
    query = {_NAMES.get(name, name): value for name, value in filters.items()}
    page = fetch(client, "/journal", "records", query=query, limit=limit, cursor=cursor, whole=False)
    return Answer(page, (looks.table(reversed(objects(page, "records"))),))
