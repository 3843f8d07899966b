"""What the journal tells of each gate: the signals that its criteria look at.

Counted on demand, from where the last count stopped; the count is kept beside the derived indexes and may be
deleted at any time.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from neira import sealed
from neira.model import FIRST_PREV, Seq
from neira.parse import strict_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from neira.gates.gate import Signals
    from neira.journal.journal import Journal
    from neira.model import GateName, Record

RECEIVED = "event.received"


class SignalCounts:
    """Counts of events behind each gate."""

    def __init__(self, path: Path, journal: Journal, verified: Callable[[], bool | None]) -> None:
        self._path = path
        self._journal = journal
        self._verified = verified

    def of(self, gate: GateName) -> Signals:
        """Give the signals of one gate; what nothing has measured yet is absent."""
        counts = self._current()
        return {"dry_run_events": float(counts.get(f"dry_run {gate}", 0)), "verify_clean": self._verified()}

    def _current(self) -> Counter[str]:
        kept = sealed.read(self._path)
        seq, counts = Seq(0), Counter[str]()
        if isinstance(kept, sealed.Sealed) and isinstance(kept.body["counts"], dict):
            seq, counts = kept.seq, Counter(kept.body["counts"])
        last = seq
        for record in self._journal.after(seq, kinds=(RECEIVED,)):
            last = record.seq
            counts.update(_counted(record))
        if last > seq:
            sealed.write(self._path, last, FIRST_PREV, [("counts", strict_json.dumps(counts))], mode=0o600)
        return counts


def _counted(record: Record) -> list[str]:
    gate = record.data.get("capability")
    return [f"{record.data['mode']} {gate}"] if gate else []
