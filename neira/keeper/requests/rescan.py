"""`{"do": "rescan"}`: look at the plugin files now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neira.keeper.keeper import Keeper
    from neira.model import JsonObject

KEYS = frozenset[str]()


def answer(keeper: Keeper, asked: JsonObject) -> JsonObject:
    """Look, and tell what came of it; files that are still being written are looked at again soon."""
    _ = asked
    found = keeper.rescan.run()
    return {
        "reloaded": list(found.reloaded),
        "refused": list(found.refused),
        "unsettled": list(found.unsettled),
        "waiting": list(found.waiting),
    }
