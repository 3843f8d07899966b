"""`neira journal show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import objects
from neira.cli.command import verb
from neira.cli.journal import looks
from neira.cli.output import Answer
from neira.cli.paging import fetch
from neira.cli.road import needs_client
from neira.errors.cli import NoSuchRecord

if TYPE_CHECKING:
    from neira.cli.client import Client


@verb("show")
@click.argument("record", metavar="ID")
@needs_client
def run(client: Client, *, record: str) -> Answer:
    """Show one record by its id, as `journal tail --json` gives it."""
    cursor: str | None = None
    while True:  # a page reads a bounded stretch of the journal, and may be empty
        page = fetch(client, "/journal", "records", query={"id": record}, limit=1, cursor=cursor, whole=False)
        found = objects(page, "records")
        if found:
            return Answer(dict(found[0]), (looks.one(found[0]),))
        if not isinstance(page["next"], str):
            raise NoSuchRecord(record)
        cursor = page["next"]
