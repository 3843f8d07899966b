"""How fast a whole journal is verified: records a second, on one core, in a scratch folder.

`python -m benchmarks.journal_verify [RECORDS]` makes a journal of 200,000 records, half of them with a
payload, and verifies it three times.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from neira.clock import SystemClock, SystemEntropy
from neira.disk import Lock
from neira.home import Home
from neira.journal import keys
from neira.journal.journal import Journal
from neira.journal.verify import verify
from neira.model import ChangeNote, Draft, Json, JsonObject, NoPayload

RECORDS = 200_000
BATCH = 1_000


def draft(number: int) -> Draft:
    """Make a record as an event leaves it."""
    note = ChangeNote(f"ui.pencil.draw was run for chat {number % 97}", why="an event came in")
    payload: Json = {"params": {"color": "#aa3311", "points": [number, number + 1, number + 2]}}
    data: JsonObject = {
        "plugin": "ui.pencil",
        "event_id": f"{number:032x}",
        "outcome": "ok",
        "fuel": number * 7,
    }
    return Draft(
        "event.result",
        "token:desk",
        note,
        "ui-pencil",
        data,
        payload=payload if number % 2 else NoPayload.NEVER,
    )


def fill(root: Path, count: int) -> None:
    """Write a journal of so many records."""
    home, clock, entropy = Home(root), SystemClock(), SystemEntropy()
    home.lay_out()
    keys.make(root, entropy)
    lock = Lock(home.locks / "journal.lock", clock)
    journal = Journal.open(
        root, clock=clock, entropy=entropy, lock=lock, segment_bytes=64 << 20, on_broken=print
    )
    for start in range(0, count, BATCH):
        journal.append(*(draft(number) for number in range(start, min(start + BATCH, count))))
    journal.close()


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        fill(Path(folder), count)
        print(f"written   {count / (time.perf_counter() - started):>10,.0f} records/s, {BATCH} a commit")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        best = 0.0
        for _ in range(3):
            started = time.perf_counter()
            verdict = verify(Path(folder))
            best = max(best, count / (time.perf_counter() - started))
        size = verdict.bytes / 1e6
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"verified  {best:>10,.0f} records/s, {best * size / count:,.0f} MB/s, {size:,.0f} MB")
    print(f"clean: {verdict.is_clean}; memory grown by {grown:.1f} MB")


if __name__ == "__main__":
    main()
