"""How safe mode looks: whether it is on, each reason with its why, and how to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.changing import as_object, objects
from neira.cli.output import Answer, Facts, Note, Table, cell, plain
from neira.cli.words import Word

if TYPE_CHECKING:
    from neira.cli.client import Reply
    from neira.cli.output import View


def shown(reply: Reply) -> Answer:
    """Show the state of safe mode."""
    body = as_object(reply.body)
    views: list[View] = [Facts(((Word.SAFE_MODE, "on" if body.get("enabled") else "off"),))]
    reasons = objects(body, "reasons")
    if reasons:
        rows = tuple((cell(each.get("reason")), cell(each.get("why"))) for each in reasons)
        views.append(Table((Word.REASON, Word.WHY), rows))
    ways = body.get("how_to_leave")
    views += [Note(f"→ {plain(way)}") for way in ways] if isinstance(ways, list) else []
    if body.get("unchanged"):
        views.append(Note(plain(body["unchanged"])))
    return Answer(reply.body, tuple(views))
