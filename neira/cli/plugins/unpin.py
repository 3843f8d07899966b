"""`neira plugins unpin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import body, changed, if_match, precondition, why
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.road import needs_client
from neira.cli.types import PLUGIN

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("unpin")
@click.argument("plugin", type=PLUGIN)
@why
@if_match
@needs_client
def run(client: Client, *, plugin: str, why: str, revision: int | None) -> Answer:
    """Let newer versions go live again after a rollback."""
    path = f"/plugins/{segment(plugin)}/unpin"
    return changed(client.call("POST", path, json=body(why), headers=precondition(revision)))
