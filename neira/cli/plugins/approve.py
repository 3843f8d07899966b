"""`neira plugins approve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import body, changed, if_match, precondition, why
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.road import needs_client
from neira.cli.types import DIGEST, PLUGIN

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("approve")
@click.argument("plugin", type=PLUGIN)
@click.option("--digest", type=DIGEST, required=True, help="`pending.digest` of what you have reviewed.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    help="Grant only these; may be repeated. Default: all asked.",
)
@why
@if_match
@needs_client
def run(
    client: Client, *, plugin: str, digest: str, permissions: tuple[str, ...], why: str, revision: int | None
) -> Answer:
    """Let the reviewed bytes of a plugin run with the permissions they ask for."""
    asked = body(why, digest=digest, permissions=list(permissions) or None)
    path = f"/plugins/{segment(plugin)}/approve"
    return changed(client.call("POST", path, json=asked, headers=precondition(revision)))
