"""`neira safe-mode off`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import body, why
from neira.cli.command import verb
from neira.cli.road import needs_client
from neira.cli.safe_mode.looks import shown
from neira.cli.types import PLUGIN

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("off")
@click.option(
    "--without", type=PLUGIN, multiple=True, help="Disable this plugin on the way out; may be repeated."
)
@why
@needs_client
def run(client: Client, *, without: tuple[str, ...], why: str) -> Answer:
    """Allow changes again; reasons that remain are named."""
    asked = body(why, enabled=False, disable=list(without) or None)
    return shown(client.call("PUT", "/safe-mode", json=asked))
