"""What the database holds of some records, taken out of it: `neira forget` has blanked them before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from neira.model import Seq

_BY_SEQ = ("stored_values", "notices", "tasks", "publications", "samples")


def forget(db: sqlite3.Connection, seqs: Sequence[Seq]) -> None:
    """Remove every row that one of these records wrote, and the snapshots that may hold copies."""
    for seq in seqs:
        asked = "SELECT DISTINCT plugin FROM stored_values WHERE seq = ?"
        owners = [plugin for (plugin,) in db.execute(asked, (seq,))]
        for table in _BY_SEQ:
            db.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))  # noqa: S608 - names of our own tables
        for plugin in owners:
            _recount(db, plugin)
    if seqs:
        db.execute("DELETE FROM value_snapshots WHERE taken >= ?", (min(seqs),))


def _recount(db: sqlite3.Connection, plugin: str) -> None:
    db.execute(
        "INSERT OR REPLACE INTO value_use SELECT ?1, count(*), coalesce(sum(length(CAST(key AS BLOB))"
        " + length(CAST(value AS BLOB))), 0) FROM stored_values WHERE plugin = ?1",
        (plugin,),
    )
