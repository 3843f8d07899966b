"""`neira doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli import exits
from neira.cli.command import verb
from neira.cli.output import Answer, Table
from neira.cli.progress import meter
from neira.cli.session import needs_home
from neira.cli.words import Word
from neira.clock import SystemClock
from neira.upkeep.doctor import examine
from neira.upkeep.finding import State

if TYPE_CHECKING:
    from neira.home import Home
    from neira.model import JsonObject
    from neira.upkeep.finding import Finding

_HEADINGS = (Word.CHECK, Word.STATE, Word.WHAT, Word.HINT)


@verb("doctor")
@needs_home
def run(home: Home) -> Answer:
    """Look at everything a home stands on, and say what to do; exit code 1 if something is broken."""
    with meter("journal") as progress:
        found = examine(home, clock=SystemClock(), progress=progress)
    worst = _worst(found)
    rows = tuple((each.name, each.state.value, each.text, each.remedy) for each in found)
    body = {"state": worst.value, "findings": [_entry(each) for each in found]}
    return Answer(body, (Table(_HEADINGS, rows),), exits.FAILED if worst is State.FAIL else exits.DONE)


def _worst(found: tuple[Finding, ...]) -> State:
    states = {each.state for each in found}
    return next(state for state in (State.FAIL, State.WARN, State.OK) if state in states)


def _entry(finding: Finding) -> JsonObject:
    return {
        "name": finding.name, "state": finding.state.value, "text": finding.text, "remedy": finding.remedy,
    }  # fmt: skip
