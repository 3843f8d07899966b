"""`neira token revoke`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import changed, why
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.road import needs_client

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("revoke")
@click.argument("token_id", metavar="ID")
@why
@needs_client
def run(client: Client, *, token_id: str, why: str) -> Answer:
    """End a token by its id, with the very next request."""
    return changed(client.call("DELETE", f"/tokens/{segment(token_id)}", query={"why": why or None}))
