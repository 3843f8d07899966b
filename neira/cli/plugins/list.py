"""`neira plugins list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import objects
from neira.cli.command import verb
from neira.cli.options import asked
from neira.cli.output import Answer
from neira.cli.paging import fetch, more, paged
from neira.cli.plugins import looks
from neira.cli.road import needs_client
from neira.model import Kind, PluginState

if TYPE_CHECKING:
    from neira.cli.client import Client


@verb("list")
@click.option(
    "--state", type=click.Choice([state.value for state in PluginState]), help="Only those in this state."
)
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="Only those of this kind.")
@paged
@needs_client
def run(
    client: Client, *, state: str | None, kind: str | None, limit: int, cursor: str | None, whole: bool
) -> Answer:
    """List the plugins."""
    query = {"state": state, "kind": kind}
    page = fetch(client, "/plugins", "plugins", query=query, limit=limit, cursor=cursor, whole=whole)
    language = asked(click.get_current_context()).language
    return Answer(page, (looks.table(objects(page, "plugins"), language), *more(page, language)))
