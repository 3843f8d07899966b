"""What a writer finds after a crash: it cuts what was never promised, says so, and refuses the rest."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from neira.errors.journal import JournalDamaged
from neira.journal import checkpoint
from neira.journal.damage import Kind
from neira.journal.reader import Reader
from neira.journal.verify import verify
from neira.model import Record, Seq
from tests.journal.journal_homes import draft, filled, new_home, opened, units

JOURNAL = "journal"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a new home."""
    return new_home(tmp_path / "home")


def commit_in_progress(root: Path) -> tuple[bytes, bytes, bytes]:
    """Make a commit of three records; return checkpoint before it is signed off, journal before and after."""
    journal = opened(root)
    journal.append(draft(1), draft(2, payload=2))
    segment, points = root / JOURNAL / "000001.ndjson", root / JOURNAL / checkpoint.FILE
    before = segment.read_bytes()
    announced: list[bytes] = []
    pen = journal._pen
    write = pen.write
    sealed = write([*_prepared(3)], journal._clock.now())
    announced.append(points.read_bytes())
    assert sealed[-1].tail.seq == 5
    return announced[0], before, segment.read_bytes()


def _prepared(count: int) -> list[object]:
    from neira.journal.record import prepare

    return [prepare(draft(n, payload=n)) for n in range(count)]


def last_of(root: Path) -> Record:
    """Return the last record."""
    return list(Reader(root).after(Seq(0)))[-1]
