"""`neira plugins remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import changed, if_match, precondition, why
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.road import needs_client
from neira.cli.types import PLUGIN

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("remove")
@click.argument("plugin", type=PLUGIN)
@why
@if_match
@needs_client
def run(client: Client, *, plugin: str, why: str, revision: int | None) -> Answer:
    """Take a plugin away; the journal and its versions' names stay."""
    path = f"/plugins/{segment(plugin)}"
    return changed(client.call("DELETE", path, query={"why": why or None}, headers=precondition(revision)))
