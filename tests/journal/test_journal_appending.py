"""Writing: threads and processes share one chain, and what was acknowledged survives a kill."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from neira.clock import SystemClock
from neira.errors.journal import JournalKeyMissing, JournalUnavailable, TextTooLong
from neira.home import Home
from neira.journal import checkpoint, keys, render
from neira.journal.follow import follow
from neira.journal.reader import Reader
from neira.journal.verify import verify
from neira.model import NoPayload, Seq
from tests.fakes import CountingEntropy, SteppedClock
from tests.journal.journal_homes import draft, journal_lock, new_home, opened, units

if TYPE_CHECKING:
    from collections.abc import Iterator

REPO = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a new home."""
    return new_home(tmp_path)


def writer(root: Path, count: int, name: str) -> subprocess.Popen[str]:
    """Start a process that appends; it waits for `go`."""
    command = [sys.executable, "-m", "tests.journal.journal_writer", str(root), str(count), name]
    process = subprocess.Popen(command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    """Let a writer begin."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def acknowledged(output: str) -> list[tuple[int, Seq]]:
    """Read which records a writer was told of."""
    words = [line.split() for line in output.splitlines(keepends=True) if line.endswith("\n")]
    return [(int(number), Seq(int(seq))) for verb, number, seq in words if verb == "done"]


def test_records_come_back_as_they_were_appended(root: Path) -> None:
    """What append returns is what every reader sees."""
    journal = opened(root)
    made = journal.append(draft(1), draft(2, payload=None), draft(3, payload=[1]))
    assert tuple(journal.after(Seq(0))) == made
    assert [record.payload for record in made] == [NoPayload.NEVER, None, [1]]
    assert journal.tail() == (3, made[-1].hash)


def test_a_journal_goes_on_where_it_stopped(root: Path) -> None:
    """Closed and opened again, one chain."""
    for number in range(3):
        journal = opened(root)
        assert journal.append(draft())[0].seq == number + 1
        journal.close()
    assert verify(root).records == 3


def test_a_note_rides_with_the_next_commit(root: Path) -> None:
    """It waits for nobody, and stands before what was appended after it."""
    journal = opened(root)
    journal.note(draft(1))
    assert journal.tail()[0] == 0
    (made,) = journal.append(draft(2))
    assert made.seq == 2
    journal.note(draft(3))
    journal.flush()
    assert journal.tail()[0] == 3
    journal.note(draft(4))
    journal.close()
    assert verify(root).records == 4


def test_a_refused_draft_harms_nobody(root: Path) -> None:
    """What cannot be written is refused before it is queued."""
    journal = opened(root)
    with pytest.raises(TextTooLong):
        journal.append(draft(why="x" * 3_000))
    assert journal.append(draft())[0].seq == 1


def test_a_home_without_its_key_is_named(tmp_path: Path) -> None:
    """No key, no signatures, no journal."""
    Home(tmp_path).lay_out()
    with pytest.raises(JournalKeyMissing):
        opened(tmp_path)


def test_a_key_is_made_once(root: Path) -> None:
    """A second `init` keeps the key, private to its owner."""
    folder = Home(root).private / "keys"
    before = (folder / "journal.ed25519").read_bytes()
    assert keys.make(root, CountingEntropy()) == keys.signing(root).id
    assert (folder / "journal.ed25519").read_bytes() == before
    assert (folder / "journal.ed25519").stat().st_mode & 0o777 == 0o600


def test_threads_share_commits(root: Path) -> None:
    """Each gets its own records; while one waits for the disk the others queue up behind one fsync."""
    journal = opened(root)
    mine: dict[int, list[int]] = {}

    def work(name: int) -> None:
        mine[name] = [journal.append(draft(name))[0].seq for _ in range(30)]

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seq for seqs in mine.values() for seq in seqs) == list(range(1, 241))
    for record in journal.after(Seq(0)):
        assert record.seq in mine[int(str(record.data["n"]))]
    assert verify(root).is_clean


def test_segments_rotate(root: Path) -> None:
    """A new one begins when the last is full; the chain and the reading go on."""
    journal = opened(root, segment_bytes=4_000)
    for number in range(50):
        journal.append(draft(number))
    assert len(Reader(root).numbers()) > 3
    assert [record.seq for record in journal.after(Seq(20))] == list(range(21, 51))
    journal.close()
    assert verify(root).is_clean


def test_a_filter_by_kind_passes_the_others_over(root: Path) -> None:
    """Folds read what changes facts and nothing else."""
    journal = opened(root)
    journal.append(*(draft(n, kind="gate.changed" if n % 5 == 0 else "event.result") for n in range(20)))
    assert [record.data["n"] for record in journal.after(Seq(1), kinds={"gate.changed"})] == [5, 10, 15]


def test_two_journals_in_turn_see_each_other(root: Path) -> None:
    """Two processes of a home, one chain; each reads on before it writes."""
    one, other = opened(root, segment_bytes=2_000), opened(root, segment_bytes=2_000)
    for number in range(1, 40, 2):
        assert one.append(draft())[0].seq == number
        assert other.tail()[0] == number
        assert other.append(draft())[0].seq == number + 1
    assert len(list(one.after(Seq(0)))) == 40
    assert verify(root).is_clean


def test_a_reader_sees_only_what_is_committed(root: Path) -> None:
    """Records of a commit that is still announced are nobody's business yet."""
    journal = opened(root)
    journal.append(draft(), draft())
    settled = (root / "journal" / checkpoint.FILE).read_bytes()
    other = opened(root)
    journal.append(draft(), draft())
    (root / "journal" / checkpoint.FILE).write_bytes(settled)
    assert [record.seq for record in other.after(Seq(0))] == [1, 2]
    assert [record.seq for record in Reader(root).after(Seq(0))] == [1, 2]


def test_following_goes_on_until_told_otherwise(root: Path) -> None:
    """`neira journal tail`: what is there, then what comes."""
    journal = opened(root)
    journal.append(draft(1))
    turns = iter([True, True, False])

    def wait() -> bool:
        journal.append(draft(2))
        return next(turns)

    assert [record.seq for record in follow(root, Seq(0), wait)] == [1, 2, 3]


def test_milestones_stay(root: Path) -> None:
    """About every thousandth record, each segment and each close leave a checkpoint for ever."""
    journal = opened(root)
    for _ in range(25):
        journal.append(*(draft() for _ in range(100)))
    journal.close()
    points = list(checkpoint.read_all(root / "journal"))
    assert [point.seq for point in points if point is not None] == [1_000, 2_000, 2_500]
    assert verify(root).is_clean


def test_a_lock_that_is_not_given_is_unavailable(root: Path) -> None:
    """F15: whoever waits too long for a frozen holder is told to come back; nothing was written."""
    journal = opened(root)
    with journal_lock(root, SteppedClock()).held(), pytest.raises(JournalUnavailable) as caught:
        journal.append(draft())
    assert caught.value.retry_after is not None
    assert journal.append(draft())[0].seq == 1


def test_four_processes_write_one_chain(root: Path) -> None:
    """J05: 4 times 100 appends at once, numbers dense, every record whole, everything acknowledged there."""
    processes = [writer(root, 100, f"w{n}") for n in range(4)]
    for process in processes:
        go(process)
    while any(process.poll() is None for process in processes):
        assert verify(root, lock=journal_lock(root, SystemClock())).damage is None
        render.render(root)
        assert len(list(Reader(root).lines(Seq(0)))) % 3 == 0  # two records a commit, one with a payload
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    verdict = verify(root)
    assert (verdict.damage, verdict.records) == (None, 800)
    told = [acknowledged(output) for output in outputs]
    assert [len(each) for each in told] == [100] * 4
    by_seq = {record.seq: record for record in Reader(root).after(Seq(0))}
    for name, each in enumerate(told):
        for number, seq in each:
            assert by_seq[seq].payload == {"of": f"w{name}", "n": number}


def kills() -> Iterator[float]:
    """Give moments at which a writer dies."""
    dice = random.Random(11)
    for _ in range(8):
        yield dice.uniform(0.002, 0.08)


def test_a_killed_writer_loses_nothing_that_it_acknowledged(root: Path) -> None:
    """F05: kill -9 at random moments, again and again; each pair of records is there whole or not at all."""
    told: list[tuple[str, int, Seq]] = []
    for turn, moment in enumerate(kills()):
        process = writer(root, 100_000, f"k{turn}")
        go(process)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        output, _ = process.communicate(timeout=30)
        told += [(f"k{turn}", number, seq) for number, seq in acknowledged(output)]
    opened(root).close()
    assert verify(root).damage is None
    records = list(Reader(root).after(Seq(0)))
    by_seq = {record.seq: record for record in records}
    assert told
    for name, number, seq in told:
        assert by_seq[seq].payload == {"of": name, "n": number}
    events = Counter(
        (record.change.why, record.data["n"]) for record in records if record.kind == "event.received"
    )
    assert set(events.values()) == {2}


def test_a_frozen_writer_does_not_tear_the_chain(root: Path) -> None:
    """F15: stopped wherever it is and continued later, it goes on under its lock or waits for it."""
    process = writer(root, 400, "frozen")
    go(process)
    journal = opened(root)
    for _ in range(5):
        time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
        with suppress(JournalUnavailable):
            journal.append(draft())
        process.send_signal(signal.SIGCONT)
    output, _ = process.communicate(timeout=60)
    assert len(acknowledged(output)) == 400
    assert verify(root).is_clean
    assert len(units(root / "journal" / "000001.ndjson")) == verify(root).records
