"""`neira search rebuild`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.command import verb
from neira.cli.output import Answer, Line, Note
from neira.cli.progress import meter
from neira.cli.session import needs_home
from neira.clock import SystemClock
from neira.upkeep.search_index import rebuild

if TYPE_CHECKING:
    from neira.home import Home
    from neira.model import JsonObject


@verb("rebuild")
@needs_home
def run(home: Home) -> Answer:
    """Make the search index anew from the files of the context; searches go on meanwhile."""
    with meter("search index") as progress:
        made = rebuild(home, clock=SystemClock(), progress=progress)
    body: JsonObject = {"files": made.files, "items": made.items, "skipped": made.flaws}
    skipped = (Note(f"{made.flaws} lines and files could not be read"),) if made.flaws else ()
    return Answer(body, (Line(f"{made.items} items of {made.files} files can be found"), *skipped))
