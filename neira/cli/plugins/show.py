"""`neira plugins show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import as_object
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.output import Answer
from neira.cli.plugins import looks
from neira.cli.road import needs_client
from neira.cli.types import PLUGIN

if TYPE_CHECKING:
    from neira.cli.client import Client


@verb("show")
@click.argument("plugin", type=PLUGIN)
@needs_client
def run(client: Client, *, plugin: str) -> Answer:
    """Show one plugin: its state, why, and what waits for approval."""
    body = client.call("GET", f"/plugins/{segment(plugin)}").body
    return Answer(body, (looks.one(as_object(body)),))
