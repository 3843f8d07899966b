"""`neira gates list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import as_object, objects
from neira.cli.command import verb
from neira.cli.gates import looks
from neira.cli.options import asked
from neira.cli.output import Answer
from neira.cli.road import needs_client

if TYPE_CHECKING:
    from neira.cli.client import Client


@verb("list")
@click.argument("gate", required=False)
@needs_client
def run(client: Client, *, gate: str | None) -> Answer:
    """Show every gate, or one with its criteria and the ways to change it."""
    body = client.call("GET", "/capabilities").body
    found = objects(body, "capabilities")
    language = asked(click.get_current_context()).language
    if gate is None:
        return Answer(body, (looks.table(found, language),))
    one = looks.pick(found, gate)
    return Answer(as_object(dict(one)), looks.one(one))
