"""A writer that wrote last takes its own word for where the journal ends, and nobody else's."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

from neira.clock import SystemClock
from neira.errors.journal import JournalDamaged
from neira.journal import checkpoint
from neira.journal.checkpoint import SLOT, LastPoint
from neira.journal.verify import verify
from tests.journal.journal_homes import draft, journal_lock, new_home, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from neira.journal.journal import Journal
    from neira.model import Seq


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a new home."""
    return new_home(tmp_path)


def lengthen(root: Path) -> None:
    """Add a line behind the last record."""
    with (root / "journal" / "000001.ndjson").open("ab") as segment:
        segment.write(b"x\n")


def shorten(root: Path) -> None:
    """Take the last byte away."""
    segment = root / "journal" / "000001.ndjson"
    segment.write_bytes(segment.read_bytes()[:-1])


def unlink(root: Path) -> None:
    """Take the segment away."""
    (root / "journal" / "000001.ndjson").unlink()


def scribble(root: Path) -> None:
    """Write over the checkpoint."""
    (root / "journal" / checkpoint.FILE).write_bytes(b" " * SLOT)


@pytest.mark.parametrize("hurt", [lengthen, shorten, unlink, scribble])
def test_what_strangers_do_beneath_a_writer_is_noticed(root: Path, hurt: Callable[[Path], None]) -> None:
    """The next append is refused, as it would be by a writer that has just come."""
    journal = opened(root)
    journal.append(draft(1), draft(2, payload=2))
    hurt(root)
    with pytest.raises(JournalDamaged):
        journal.append(draft(3))


def test_writers_take_turns_over_many_segments(root: Path) -> None:
    """Each reads what the other wrote, wherever that begins."""
    writers = [opened(root, segment_bytes=2_000) for _ in range(3)]
    for number in range(60):
        assert writers[number % 3].append(draft(number, payload=number))[0].seq == number + 1
    assert verify(root).is_clean
    assert verify(root).records == 60


def test_a_writer_that_slept_through_thousands_goes_on_at_the_end(root: Path) -> None:
    """It does not read all that others wrote, under the lock for which they wait."""
    sleeper, busy = opened(root, segment_bytes=100_000), opened(root, segment_bytes=100_000)
    sleeper.append(draft(0))
    for _ in range(25):
        busy.append(*(draft(n) for n in range(100)))
    assert sleeper.append(draft(1))[0].seq == 2_502
    assert busy.append(draft(2))[0].seq == 2_503
    assert verify(root).is_clean


def test_the_last_checkpoint_is_read_anew_each_time(root: Path) -> None:
    """Though it is parsed only when it has changed; behind a torn line the one before it counts."""
    journal, point = opened(root), LastPoint(root / "journal")
    assert point.read() is None
    for number in (1, 2):
        journal.append(draft(number))
        for _ in range(2):
            found = point.read()
            assert found is not None
            assert found.seq == number
    with (root / "journal" / checkpoint.FILE).open("ab") as file:
        file.write(b"{" * SLOT)
    journal.append(draft(3))
    found = point.read()
    assert found is not None
    assert found.seq == 3


class _Interrupted(Exception):
    """What the alarm raises."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Interrupt the block, wherever it waits."""

    def ring(_number: int, _frame: object) -> NoReturn:
        raise _Interrupted

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_waiter_that_is_interrupted_leaves_the_queue(root: Path) -> None:
    """Its records are not written, and nobody waits for it to lead."""
    clock = SystemClock()
    journal = opened(root, clock=clock)
    made: list[Seq] = []
    with journal_lock(root, clock).held():
        leader = threading.Thread(target=lambda: made.append(journal.append(draft(1))[0].seq))
        leader.start()
        while not _has_leader(journal):
            clock.sleep(0.01)
        with pytest.raises(_Interrupted), alarm(0.1):
            journal.append(draft(2))
    leader.join()
    assert made == [1]
    assert journal.append(draft(3))[0].seq == 2


def _has_leader(journal: Journal) -> bool:
    return journal._leader is not None
