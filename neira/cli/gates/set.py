"""`neira gates set`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import body, if_match, precondition, why
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.gates import looks
from neira.cli.options import asked
from neira.cli.road import needs_client
from neira.cli.types import STATE

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("set")
@click.argument("gate")
@click.argument("state", type=STATE)
@click.option("--force", is_flag=True, help="Pass over criteria that are missed; needs --why.")
@why
@if_match
@needs_client
def run(client: Client, *, gate: str, state: str, force: bool, why: str, revision: int | None) -> Answer:
    """Bring a gate to a state."""
    asks = body(why, state=state, force=force or None)
    reply = client.call("PUT", f"/capabilities/{segment(gate)}", json=asks, headers=precondition(revision))
    return looks.changed(reply, asked(click.get_current_context()).language)
