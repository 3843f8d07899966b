"""`neira search rebuild`: make the search index of a home anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.storage.context_index import ContextIndex, Rebuilt

if TYPE_CHECKING:
    from neira.home import Home
    from neira.ports import Clock
    from neira.upkeep.finding import Progress


def rebuild(home: Home, *, clock: Clock, progress: Progress) -> Rebuilt:
    """Read all files of the context into a new index."""
    home.check()
    return ContextIndex(home.private, home.context, clock).rebuild(progress)
