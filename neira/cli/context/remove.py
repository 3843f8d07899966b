"""`neira context remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import all_facts, as_object, why
from neira.cli.client import segment
from neira.cli.command import verb
from neira.cli.output import Answer
from neira.cli.road import needs_client
from neira.cli.types import CHAT, SESSION

if TYPE_CHECKING:
    from neira.cli.client import Client


@verb("remove")
@click.argument("chat", type=CHAT)
@click.argument("session", type=SESSION)
@click.argument("item", metavar="[ITEM]", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@why
@needs_client
def run(client: Client, *, chat: str, session: str, item: str | None, yes: bool, why: str) -> Answer:
    """Remove one saved item, or all that was saved for a session; `neira forget` clears the journal too."""
    if not (yes or item):
        click.confirm(f"Remove all that was saved for {chat}/{session}?", abort=True, err=True)
    path = "/".join(segment(each) for each in (chat, session, *([item] if item else [])))
    reply = client.call("DELETE", f"/context/{path}", query={"why": why or None})
    return Answer(reply.body, (all_facts(as_object(reply.body)),))
