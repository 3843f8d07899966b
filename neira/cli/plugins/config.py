"""`neira plugins config`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import all_facts, as_object, body, if_match, precondition, why
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.output import Answer
from neira.cli.road import needs_client
from neira.cli.types import PLUGIN, JsonText

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.model import JsonObject


@verb("config")
@click.argument("plugin", type=PLUGIN)
@click.option("--set", "config", type=JsonText(), help="The whole new configuration.")
@why
@if_match
@needs_client
def run(client: Client, *, plugin: str, config: JsonObject | None, why: str, revision: int | None) -> Answer:
    """Show a plugin's configuration, or replace it."""
    path = f"/plugins/{segment(plugin)}/config"
    if config is None:
        found = client.call("GET", path).body
    else:
        found = client.call("PUT", path, json=body(why, config=config), headers=precondition(revision)).body
    return Answer(found, (all_facts(as_object(as_object(found).get("config"))),))
