"""`neira tasks settle`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import all_facts, as_object
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.output import Answer
from neira.cli.road import needs_client
from neira.model import TaskState

if TYPE_CHECKING:
    from neira.cli.client import Client

_ENDS = [state.value for state in TaskState if state.is_over]


@verb("settle")
@click.argument("task", metavar="ID")
@click.argument("state", type=click.Choice(_ENDS))
@click.option("--note", default="", metavar="TEXT", help="What there is to say about it.")
@needs_client
def run(client: Client, *, task: str, state: str, note: str) -> Answer:
    """End a task by hand: one that no plugin takes up, or that is not wanted any more."""
    sent = {"state": state, **({"note": note} if note else {})}
    reply = client.call("POST", f"/tasks/{segment(task)}", json=sent)
    return Answer(reply.body, (all_facts(as_object(reply.body)),))
