"""`neira token list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.changing import objects
from neira.cli.command import verb
from neira.cli.output import Answer, Table, cell
from neira.cli.paging import PAGE, fetch
from neira.cli.road import needs_client
from neira.cli.words import Word

if TYPE_CHECKING:
    from neira.cli.client import Client

_KEYS = ("id", "name", "scope", "namespace", "expires", "created")
_HEADINGS = (Word.ID, Word.NAME, Word.SCOPE, Word.NAMESPACE, Word.EXPIRES, Word.CREATED)


@verb("list")
@needs_client
def run(client: Client) -> Answer:
    """List the live tokens; their secrets are kept nowhere."""
    body = fetch(client, "/tokens", "tokens", query={}, limit=PAGE, cursor=None, whole=True)
    rows = tuple(tuple(cell(each.get(key)) for key in _KEYS) for each in objects(body, "tokens"))
    return Answer(body, (Table(_HEADINGS, rows),))
