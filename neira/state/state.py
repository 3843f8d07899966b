"""All tables together, as the kernel opens them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.state import metrics, notices, publications, snapshots, strikes, tasks, values
from neira.state.database import Database

if TYPE_CHECKING:
    from neira.home import Home

FILE = "state.sqlite"


def open_state(home: Home) -> Database:
    """Open the database of a home; tables that are missing are made."""
    rooms = (values, snapshots, notices, tasks, publications, strikes, metrics)
    return Database(home.private / FILE, [room.TABLES for room in rooms])
