"""A disk that is full, that does not confirm, that may not be written: refused, told, never glued."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from neira.errors.journal import JournalBroken, JournalUnavailable
from neira.home import Home
from neira.journal import broken
from neira.journal.reader import Reader
from neira.journal.verify import verify
from neira.model import Seq
from tests.journal.journal_homes import draft, new_home, opened, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.journal.journal import Journal

REPO = Path(__file__).parents[2]
NEEDS_MOUNT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small tmpfs")
NEEDS_STRACE = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to fail an fsync")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a new home."""
    return new_home(tmp_path)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount a small disk on a folder."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mount is not allowed here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def size_of(root: Path) -> int:
    """Return the size of the first segment."""
    return (root / "journal" / "000001.ndjson").stat().st_size


def fill(journal: Journal) -> int:
    """Append until the disk is full; return how many records were acknowledged."""
    done = 0
    while True:
        try:
            journal.append(draft(done, payload="x" * 3_000), draft(done))
        except JournalUnavailable:
            return done
        done += 2


@NEEDS_MOUNT
@pytest.mark.parametrize("size", ["64k", "128k"])
def test_a_full_disk_refuses_and_leaves_no_torn_tail(root: Path, size: str) -> None:
    """F03: a real short write; nothing acknowledged is lost, nothing refused appears, and space heals it."""
    with mounted(root / "journal", "-t", "tmpfs", "-o", f"size={size}", "tmpfs"):
        journal = opened(root)
        ballast = root / "journal" / "ballast"
        ballast.write_bytes(bytes(30_000))
        done = fill(journal)
        before = size_of(root)
        with pytest.raises(JournalUnavailable):
            journal.append(draft(1, payload="x" * 3_000))
        assert size_of(root) == before
        assert verify(root).is_clean
        ballast.unlink()
        assert journal.append(draft())[0].seq == done + 1
        journal.close()
        verdict = verify(root)
        assert (verdict.damage, verdict.records) == (None, done + 1)


@NEEDS_MOUNT
def test_a_lost_note_takes_its_result_along(root: Path) -> None:
    """An event whose arrival could not be journaled is not answered as if it had been."""
    with mounted(root / "journal", "-t", "tmpfs", "-o", "size=64k", "tmpfs"):
        journal = opened(root)
        journal.append(draft())
        journal.note(draft(1, payload="x" * 200_000))
        other = threading.Thread(target=lambda: caught.append(refusal_of(journal)))
        caught: list[JournalUnavailable] = []
        other.start()
        other.join()
        assert len(caught) == 1
        with pytest.raises(JournalUnavailable):
            journal.append(draft(2))
        assert journal.append(draft(3))[0].seq == 2
        journal.note(draft(4, payload="x" * 200_000))
        assert refusal_of(journal).retry_after is not None
        assert journal.append(draft(5))[0].seq == 3


def refusal_of(journal: Journal) -> JournalUnavailable:
    """Append, and return why that failed."""
    with pytest.raises(JournalUnavailable) as caught:
        journal.append(draft())
    return caught.value


@NEEDS_MOUNT
def test_a_read_only_home_is_read_and_not_written(root: Path) -> None:
    """F10: reads answer, appends are refused, and a remount is enough to go on."""
    journal = opened(root)
    journal.append(draft())
    journal.close()
    folder = root / "journal"
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        journal = opened(root)
        assert len(list(journal.after(Seq(0)))) == 1
        with pytest.raises(JournalUnavailable):
            journal.append(draft())
        subprocess.run(["mount", "-o", "remount,rw,bind", str(folder)], check=True)
        assert journal.append(draft())[0].seq == 2


def traced(root: Path, count: int, inject: str) -> list[list[str]]:
    """Run a writer whose calls on the first segment are tampered with; return what it said."""
    opened(root).append(draft())  # the segment exists before strace looks for it
    command = [
        "strace", "-f", "-qq", "-o", "/dev/null", "-P", str(root / "journal" / "000001.ndjson"),
        "-e", "trace=fsync,fdatasync", "-e", inject,
        sys.executable, "-m", "tests.journal.journal_writer", str(root), str(count), "w",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=REPO, input="\n", capture_output=True, text=True, timeout=60, check=True
    )
    return [line.split() for line in done.stdout.splitlines()]


@NEEDS_STRACE
@pytest.mark.parametrize("when", ["4", "4+"])
def test_a_failed_fsync_stops_all_writing(root: Path, when: str) -> None:
    """F01, F02: not acknowledged, told before the waiters hear, never tried again, in any process."""
    said = traced(root, 8, f"inject=fsync,fdatasync:error=EIO:when={when}")
    verbs = [words[0] for words in said]
    assert verbs == ["open", "done", "done", "done", "broken", *["refused"] * 5]
    assert {words[2] for words in said if words[0] == "refused"} == {"journal_broken"}
    assert broken.read(root) is not None
    other = opened(root)
    assert other.broken is not None
    with pytest.raises(JournalBroken):
        other.append(draft())
    assert len(list(Reader(root).after(Seq(0)))) == 7
    assert verify(root).is_clean


@NEEDS_STRACE
def test_after_a_failed_fsync_an_admin_resumes_in_a_new_segment(root: Path) -> None:
    """F01: what was refused never appears, and the old segment is left alone."""
    traced(root, 8, "inject=fsync,fdatasync:error=EIO:when=4")
    one, other = opened(root), opened(root)
    resumed = one.resume("admin", "another disk")
    assert (resumed.seq, resumed.kind) == (8, "journal.repaired")
    assert other.append(draft())[0].seq == 9
    assert one.broken is other.broken is None
    assert len(units(root / "journal" / "000001.ndjson")) == 7
    assert len(units(root / "journal" / "000002.ndjson")) == 2
    assert verify(root).is_clean


def test_what_an_unconfirmed_commit_left_is_cut_off_at_resuming(root: Path) -> None:
    """If the refused records are still in the file, resuming takes them back and says so."""
    journal = opened(root)
    journal.append(draft())
    broken.mark(root, "fsync: a test")
    assert journal.broken == "fsync: a test"
    with pytest.raises(JournalBroken):
        journal.append(draft())
    assert opened(root).resume("admin", "looked at").data == {"cause": "resumed"}
    assert journal.append(draft())[0].seq == 3


def test_a_mark_that_cannot_be_read_counts_as_one(root: Path) -> None:
    """In doubt nothing is written."""
    (Home(root).private / broken.FILE).mkdir()
    assert broken.read(root) is not None
