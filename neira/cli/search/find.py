"""`neira search TEXT`, or `neira search find TEXT`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import objects
from neira.cli.command import verb
from neira.cli.options import asked
from neira.cli.output import Answer, Table, cell
from neira.cli.paging import PAGE, fetch, more
from neira.cli.road import needs_client
from neira.cli.types import CHAT
from neira.cli.words import Word

if TYPE_CHECKING:
    from neira.cli.client import Client, Query
    from neira.model import Json, JsonObject

_HEADINGS = (Word.CHAT, Word.SESSION, Word.KIND, Word.PLUGIN, Word.TEXT)
_APART = {"chat_id", "session_id", "type", "plugin"}  # what has a column of its own


@verb("find")
@click.argument("text", metavar="TEXT")
@click.option(
    "--type", "kind", type=click.Choice(["annotation", "message", "note"]), help="Only of this type."
)
@click.option("--chat", type=CHAT, help="Only of this chat.")
@click.option("--limit", type=click.IntRange(1, 1000), default=PAGE, help="How many at most.")
@click.option("--cursor", metavar="CURSOR", help="Go on where the last search ended.")
@needs_client
def run(
    client: Client, *, text: str, kind: str | None, chat: str | None, limit: int, cursor: str | None
) -> Answer:
    """Find annotations, messages and notes by their text; capital and small letters are the same.

    The word find may be left out, unless the text is itself the name of a verb of search.
    """
    page = _found(client, {"q": text, "type": kind, "chat_id": chat}, limit, cursor)
    rows = tuple(_row(item) for item in objects(page, "items"))
    return Answer(page, (Table(_HEADINGS, rows), *more(page, asked(click.get_current_context()).language)))


def _found(client: Client, query: Query, limit: int, cursor: str | None) -> JsonObject:
    """Ask until there is enough or no more: the work of a page is bounded, so one may be short."""
    items: list[Json] = []
    skipped = 0
    while True:
        left = limit - len(items)
        page = fetch(client, "/context/search", "items", query=query, limit=left, cursor=cursor, whole=False)
        items += objects(page, "items")
        skipped += int(str(page.get("skipped") or 0))
        cursor = str(page["next"]) if page["next"] else None
        if cursor is None or len(items) >= limit:
            return {"items": items, "next": cursor, "skipped": skipped}


def _row(item: JsonObject) -> tuple[str, ...]:
    text = item.get("text")
    rest: Json = {key: value for key, value in item.items() if key not in _APART}
    known = (cell(item.get(key)) for key in ("chat_id", "session_id", "type", "plugin"))
    return (*known, cell(text if isinstance(text, str) else rest))
