"""`neira tasks list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import objects
from neira.cli.command import verb
from neira.cli.options import asked
from neira.cli.output import Answer, Table, cell
from neira.cli.paging import fetch, more, paged
from neira.cli.road import needs_client
from neira.cli.words import Word
from neira.model import TaskState

if TYPE_CHECKING:
    from neira.cli.client import Client

_KEYS = ("id", "plugin", "name", "state", "created", "note")
_HEADINGS = (Word.ID, Word.PLUGIN, Word.NAME, Word.STATE, Word.CREATED, Word.WHY)


@verb("list")
@click.option("--state", type=click.Choice([state.value for state in TaskState]), help="Only these.")
@paged
@needs_client
def run(client: Client, *, state: str | None, limit: int, cursor: str | None, whole: bool) -> Answer:
    """List the tasks that plugins have started, newest first."""
    query = {"state": state}
    body = fetch(client, "/tasks", "tasks", query=query, limit=limit, cursor=cursor, whole=whole)
    rows = tuple(tuple(cell(each.get(key)) for key in _KEYS) for each in objects(body, "tasks"))
    behind = more(body, asked(click.get_current_context()).language)
    return Answer(body, (Table(_HEADINGS, rows), *behind))
