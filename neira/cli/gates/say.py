"""`neira gates say`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import body, why
from neira.cli.command import verb
from neira.cli.gates import looks
from neira.cli.options import asked
from neira.cli.road import needs_client

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("say")
@click.argument("phrase", nargs=-1, required=True)
@click.option("--force", is_flag=True, help="Pass over criteria that are missed; needs --why.")
@why
@needs_client
def run(client: Client, *, phrase: tuple[str, ...], force: bool, why: str) -> Answer:
    """Do what an owner's phrase says, in Russian or English, such as: unlock ui_tools_registry."""
    asks = body(why, phrase=" ".join(phrase), force=force or None)
    reply = client.call("POST", "/capabilities/phrases", json=asks)
    return looks.changed(reply, asked(click.get_current_context()).language)
