"""`neira event send`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import as_object, objects
from neira.cli.command import verb
from neira.cli.output import Answer, Table, cell, facts_of
from neira.cli.road import needs_client
from neira.cli.types import CHAT, EVENT, PLUGIN, SESSION, JsonText
from neira.cli.words import Word

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.model import JsonObject

_FACTS = ("mode", "reason", "capability", "event_id", "request_id", "journal_id")
_KEYS = ("plugin", "mode", "outcome")
_HEADINGS = (Word.PLUGIN, Word.MODE, Word.OUTCOME, Word.WHAT, Word.REASON)


@verb("send")
@click.argument("tool", type=PLUGIN)
@click.argument("event", type=EVENT)
@click.option("--params", type=JsonText(), default="{}", help="The event's parameters.")
@click.option("--chat", type=CHAT, help="The chat it belongs to.")
@click.option("--session", type=SESSION, help="The session it belongs to.")
@click.option("--key", metavar="KEY", help="Idempotency-Key: the same key and event have one effect.")
@click.option("--preview", is_flag=True, help="Run it and show what would happen; nothing is applied.")
@needs_client
def run(
    client: Client,
    *,
    tool: str,
    event: str,
    params: JsonObject,
    chat: str | None,
    session: str | None,
    key: str | None,
    preview: bool,
) -> Answer:
    """Send an event to a tool, as a button of the frontend would."""
    context = {name: value for name, value in (("chat_id", chat), ("session_id", session)) if value}
    sent: JsonObject = {"tool_id": tool, "event": event, "params": params, "context": context}
    headers = {"Idempotency-Key": key} if key else {}
    query = {"mode": "preview"} if preview else {}
    answered = as_object(client.call("POST", "/ui/events", query=query, json=sent, headers=headers).body)
    rows = tuple(_row(each) for each in objects(answered, "results"))
    return Answer(answered, (facts_of(answered, _FACTS), *((Table(_HEADINGS, rows),) if rows else ())))


def _row(result: JsonObject) -> tuple[str, ...]:
    """Show a result: what it did, or why it did not."""
    did = ", ".join(cell(each.get("action")) for each in objects(result, "actions"))
    error, said = as_object(result.get("error")), as_object(result.get("result"))
    return (
        *(cell(result.get(name)) for name in _KEYS),
        did,
        cell(error.get("message") or said.get("message") or result.get("reason")),
    )
