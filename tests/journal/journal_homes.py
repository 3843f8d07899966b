"""Homes with journals in them, and the ways in which tests hurt their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.disk import Lock
from neira.home import Home
from neira.journal import keys
from neira.journal.journal import Journal
from neira.model import ChangeNote, Draft, Json, NoPayload
from tests.fakes import CountingEntropy, SteppedClock

if TYPE_CHECKING:
    from pathlib import Path

    from neira.ports import Clock

LARGE = 1 << 26


def new_home(root: Path) -> Path:
    """Lay out a home with its key."""
    Home(root).lay_out()
    keys.make(root, CountingEntropy())
    return root


def opened(
    root: Path, *, clock: Clock | None = None, segment_bytes: int = LARGE, told: list[str] | None = None
) -> Journal:
    """Open the journal of a home; what it reports goes to `told`."""
    clock = clock or SteppedClock()
    heard: list[str] = [] if told is None else told
    return Journal.open(
        root,
        clock=clock,
        entropy=CountingEntropy(),
        lock=journal_lock(root, clock),
        segment_bytes=segment_bytes,
        on_broken=heard.append,
    )


def journal_lock(root: Path, clock: Clock | None = None) -> Lock:
    """Return the lock of a home's journal."""
    return Lock(Home(root).locks / "journal.lock", clock or SteppedClock())


def draft(
    number: int = 0,
    *,
    kind: str = "event.received",
    why: str = "",
    payload: Json | NoPayload = NoPayload.NEVER,
) -> Draft:
    """Make a small draft."""
    return Draft(
        kind, "token:test", ChangeNote(f"number {number}", why), "test", {"n": number}, payload=payload
    )


def filled(root: Path, count: int, *, segment_bytes: int = LARGE, payloads: bool = True) -> Path:
    """Make a home with so many records, every third with a payload; return the first segment."""
    journal = opened(new_home(root), segment_bytes=segment_bytes)
    for start in range(0, count, 10):
        numbers = range(start, min(start + 10, count))
        journal.append(
            *(draft(n, payload={"n": n} if payloads and n % 3 == 0 else NoPayload.NEVER) for n in numbers)
        )
    journal.close()
    return root / "journal" / "000001.ndjson"


def units(segment: Path) -> list[bytes]:
    """Split a segment into records, each with its payload line."""
    found: list[bytes] = []
    for line in segment.read_bytes().splitlines(keepends=True):
        if line.startswith(b'{"seq":'):
            found.append(line)
        else:
            found[-1] += line
    return found
