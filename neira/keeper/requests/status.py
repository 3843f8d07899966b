"""`{"do": "status"}`: who keeps the home, since when, and how each chore is doing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from neira import __version__
from neira.keeper import profile

if TYPE_CHECKING:
    from neira.keeper.keeper import Keeper
    from neira.model import JsonObject

KEYS = frozenset[str]()


def answer(keeper: Keeper, asked: JsonObject) -> JsonObject:
    """Tell how the keeper is."""
    _ = asked
    return {
        "pid": os.getpid(),
        "since": keeper.since.isoformat(timespec="milliseconds"),
        "version": __version__,
        "profile": profile.current(keeper.kernel.home),
        "chores": [loop.status() for loop in keeper.loops],
    }
