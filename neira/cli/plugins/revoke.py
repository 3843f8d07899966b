"""`neira plugins revoke`."""

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


@verb("revoke")
@click.argument("plugin", type=PLUGIN)
@click.argument("permission")
@why
@if_match
@needs_client
def run(client: Client, *, plugin: str, permission: str, why: str, revision: int | None) -> Answer:
    """Take one permission back; it works in safe mode too."""
    path = f"/plugins/{segment(plugin)}/revoke"
    return changed(
        client.call("POST", path, json=body(why, permission=permission), headers=precondition(revision))
    )
