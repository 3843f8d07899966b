"""`neira plugins rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import body, changed, if_match, precondition, why
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.road import needs_client
from neira.cli.types import PLUGIN, VERSION

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("rollback")
@click.argument("plugin", type=PLUGIN)
@click.option(
    "--to", "version", type=VERSION, metavar="VERSION", help="The version; without it the one before."
)
@click.option(
    "--with-state", is_flag=True, help="Bring its stored values back as well, as that version had left them."
)
@why
@if_match
@needs_client
def run(
    client: Client, *, plugin: str, version: str | None, with_state: bool, why: str, revision: int | None
) -> Answer:
    """Go back to the version that ran before, and stay there until `unpin`."""
    asked = body(why, version=version, with_state=with_state or None)
    path = f"/plugins/{segment(plugin)}/rollback"
    return changed(client.call("POST", path, json=asked, headers=precondition(revision)))
