"""What the journal tells of each gate: the signals that its criteria look at.

Counted on demand, from where the last count stopped; the count is kept beside the derived indexes and may be
deleted at any time.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

from neira import sealed
from neira.model import FIRST_PREV, Kind, Mode, Outcome, Seq
from neira.parse import strict_json
from neira.world.guards import DOOR, gate_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from neira.gates.gate import Signals
    from neira.journal.journal import Journal
    from neira.model import GateName, Record

RECEIVED = "event.received"
RESULT = "event.result"
_ERRORS = frozenset({Outcome.ERROR, Outcome.TRAP, Outcome.BAD_OUTPUT})
_P99 = 0.99
_MS = 1000  # microseconds


class SignalCounts:
    """Counts of events and runs behind each gate."""

    def __init__(self, path: Path, journal: Journal, verified: Callable[[], bool | None]) -> None:
        self._path = path
        self._journal = journal
        self._verified = verified

    def of(self, gate: GateName) -> Signals:
        """Give the signals of one gate; what nothing has measured yet is absent."""
        counts = self._current()
        found: dict[str, float | bool | None] = {
            "dry_run_events": float(counts.get(f"dry_run {gate}", 0)),
            "verify_clean": self._verified(),
        }
        runs = counts.get(f"runs {gate}", 0)
        if runs:
            errors = counts.get(f"errors {gate}", 0)
            found |= {
                "runs": float(runs),
                "errors": float(errors),
                "error_rate": errors / runs,
                "violations": float(counts.get(f"violations {gate}", 0)),
                "p99_ms": _p99_ms(counts, gate, runs),
            }
        return found

    def _current(self) -> Counter[str]:
        kept = sealed.read(self._path)
        seq, counts = Seq(0), Counter[str]()
        if isinstance(kept, sealed.Sealed) and isinstance(kept.body["counts"], dict):
            seq, counts = kept.seq, Counter(kept.body["counts"])
        last = seq
        for record in self._journal.after(seq, kinds=(RECEIVED, RESULT)):
            last = record.seq
            counts.update(_came(record) if record.kind == RECEIVED else _ran(record))
        if last > seq:
            sealed.write(self._path, last, FIRST_PREV, [("counts", strict_json.dumps(counts))], mode=0o600)
        return counts


def _came(record: Record) -> list[str]:
    gate = record.data.get("capability")
    return [f"{record.data['mode']} {gate}"] if gate else []


def _ran(record: Record) -> list[str]:
    """Count a run behind the gate of its kind, and behind those of its actions."""
    data = record.data
    if data["mode"] != Mode.LIVE or "cost" not in data:
        return []
    guarded = cast("Sequence[str]", data.get("gates", ()))
    gates = (DOOR, gate_of(Kind(str(data["kind"]))), *guarded)
    cost = cast("Mapping[str, int]", data["cost"])
    words = ["runs", f"us{cost['us'].bit_length()}"]
    words += ["errors"] if data["outcome"] in _ERRORS else []
    words += ["violations"] if data["outcome"] == Outcome.LIMIT else []
    return [f"{word} {gate}" for word in words for gate in gates]


def _p99_ms(counts: Counter[str], gate: GateName, runs: int) -> float:
    """Say below how many milliseconds 99 of 100 runs stayed, rounded up to a power of two microseconds."""
    seen = 0
    for bits in range(64):
        seen += counts.get(f"us{bits} {gate}", 0)
        if seen >= runs * _P99:
            return float(2**bits) / _MS
    return 0.0
