"""A process that appends to a journal and says aloud what was acknowledged; tests kill, freeze, trace it.

`python -m tests.journal.journal_writer HOME COUNT NAME`: prints `open`, waits for a line on stdin, then
prints a line for each acknowledged record, or the code of the error that an append raised.
"""

from __future__ import annotations

import sys
from pathlib import Path

from neira.clock import SystemClock, SystemEntropy
from neira.disk import Lock
from neira.errors import NeiraError
from neira.home import Home
from neira.journal.journal import Journal
from tests.journal.journal_homes import draft


def main() -> None:
    """Append until the count is reached."""
    root, count, name = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    clock = SystemClock()
    lock = Lock(Home(root).locks / "journal.lock", clock)
    journal = Journal.open(
        root, clock=clock, entropy=SystemEntropy(), lock=lock, segment_bytes=1 << 20,
        on_broken=lambda reason: print("broken", reason, flush=True),
    )  # fmt: skip
    print("open", flush=True)
    sys.stdin.readline()
    for number in range(count):
        try:
            made = journal.append(
                draft(number, why=name), draft(number, why=name, payload={"of": name, "n": number})
            )
        except NeiraError as error:
            print("refused", number, error.code, flush=True)
        else:
            print("done", number, made[-1].seq, flush=True)
    journal.close()


if __name__ == "__main__":
    main()
