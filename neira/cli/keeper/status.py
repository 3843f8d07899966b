"""`neira keeper status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.changing import objects
from neira.cli.command import verb
from neira.cli.output import Answer, Table, cell, facts_of
from neira.cli.session import needs_home
from neira.cli.words import Word
from neira.clock import SystemClock
from neira.keeper.ask import ask

if TYPE_CHECKING:
    from neira.home import Home
    from neira.model import JsonObject

_HEADINGS = (Word.NAME, Word.STATE, Word.WHEN, Word.ERROR)


@verb("status")
@needs_home
def run(home: Home) -> Answer:
    """Show who keeps the home, and how each chore is doing."""
    body = ask(home, {"do": "status"}, SystemClock())
    rows = tuple(_row(each) for each in objects(body, "chores"))
    return Answer(body, (facts_of(body, ("pid", "since", "version", "profile")), Table(_HEADINGS, rows)))


def _row(chore: JsonObject) -> tuple[str, ...]:
    state = "fail" if chore.get("failing") else "ok"
    return cell(chore.get("name")), state, cell(chore.get("last_run")), _words(chore.get("last_error"))


def _words(error: object) -> str:
    if not isinstance(error, dict):
        return "-"
    return f"{cell(error.get('at'))} {cell(error.get('code'))}: {cell(error.get('message'))}"
