"""What a writer finds after a crash: it cuts what was never promised, says so, and refuses the rest."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from neira.errors.journal import JournalDamaged
from neira.journal import checkpoint, keys, record
from neira.journal.damage import Kind
from neira.journal.reader import Reader
from neira.journal.recovery import LATEST
from neira.journal.verify import verify
from neira.model import Record, Seq
from tests.fakes import START
from tests.journal.journal_homes import draft, filled, new_home, opened, units

REPO = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Crash:
    """A home whose last commit, of three records behind two, was announced and may be cut anywhere."""

    root: Path
    before: bytes
    batch: bytes

    @property
    def segment(self) -> Path:
        """Name the only segment."""
        return self.root / "journal" / "000001.ndjson"

    def leave(self, length: int) -> None:
        """Leave so many bytes of the commit."""
        self.segment.write_bytes(self.before + self.batch[:length])


@pytest.fixture
def crash(tmp_path: Path) -> Crash:
    """Give a home whose last commit has just been announced."""
    journal = opened(new_home(tmp_path))
    journal.append(draft(1), draft(2, payload=2))
    segment = tmp_path / "journal" / "000001.ndjson"
    before = segment.read_bytes()
    start = record.tail_of(units(segment)[1].splitlines()[0])
    made = journal.append(draft(3), draft(4, payload=4), draft(5))
    coming = record.Tail(made[-1].seq, made[-1].hash, None)
    line = checkpoint.line(start, START, keys.signing(tmp_path), coming=coming, milestone=False)
    (tmp_path / "journal" / checkpoint.FILE).write_bytes(line)
    return Crash(tmp_path, before, segment.read_bytes()[len(before) :])


def records(root: Path) -> list[Record]:
    """Read everything."""
    return list(Reader(root).after(Seq(0)))


def test_a_commit_that_was_all_written_counts(crash: Crash) -> None:
    """Killed between the fsync and the signature: the announcement names this end."""
    assert verify(crash.root).is_clean
    assert len(records(crash.root)) == 2
    opened(crash.root)
    assert [found.seq for found in records(crash.root)] == [1, 2, 3, 4, 5]
    assert verify(crash.root).is_clean


def test_a_commit_that_was_not_written_leaves_no_trace(crash: Crash) -> None:
    """Killed between the announcement and the first byte."""
    crash.leave(0)
    assert verify(crash.root).is_clean
    journal = opened(crash.root)
    assert journal.append(draft())[0].seq == 3
    assert verify(crash.root).is_clean


def test_a_commit_that_was_cut_anywhere_is_taken_back_whole(crash: Crash) -> None:
    """At each byte: none of its records stays, and one record says what was cut off."""
    for length in range(1, len(crash.batch), 3):
        crash.leave(length)
        with Path(crash.root / "journal" / checkpoint.FILE).open("r+b") as file:
            saved = file.read()
        assert verify(crash.root).damage is not None
        opened(crash.root)
        *_, last = records(crash.root)
        assert (last.seq, last.kind) == (3, "journal.repaired")
        assert last.data["bytes"] == length
        assert last.data["sha256"] == hashlib.sha256(crash.batch[:length]).hexdigest()
        assert verify(crash.root).is_clean
        (crash.root / "journal" / checkpoint.FILE).write_bytes(saved)


def test_another_process_takes_back_what_a_dead_one_left(crash: Crash) -> None:
    """A worker that has been open all the time meets the torn commit with its next append."""
    points = crash.root / "journal" / checkpoint.FILE
    announced = points.read_bytes()
    crash.leave(0)
    alive = opened(crash.root)
    crash.leave(len(crash.batch) - 10)
    points.write_bytes(announced)
    made = alive.append(draft(9))
    assert made[0].seq == 4
    assert [found.kind for found in records(crash.root)][2] == "journal.repaired"
    assert verify(crash.root).is_clean


def test_a_commit_that_was_to_begin_a_segment_is_taken_back(crash: Crash) -> None:
    """The record before it lies in the segment before."""
    crash.leave(0)
    second = crash.segment.with_name("000002.ndjson")
    second.write_bytes(crash.batch[:-10])
    opened(crash.root).append(draft())
    assert crash.segment.read_bytes() == crash.before
    assert [found.seq for found in records(crash.root)] == [1, 2, 3, 4]
    assert verify(crash.root).is_clean


def test_garbage_of_a_lost_page_is_taken_back(crash: Crash) -> None:
    """A power cut may keep the end of a commit and lose its beginning."""
    crash.segment.write_bytes(crash.before + b"\0" * 100 + crash.batch[100:])
    opened(crash.root)
    assert [found.kind for found in records(crash.root)][-1] == "journal.repaired"
    assert verify(crash.root).is_clean


def test_a_torn_signed_record_is_cut_off_and_named(tmp_path: Path) -> None:
    """J02: the last record had been promised; what is left of it goes, and the repair names it."""
    segment = filled(tmp_path / "origin", 49)
    whole = units(segment)[-1]
    for length in range(1, len(whole), 37):
        root = tmp_path / f"cut-{length}"
        shutil.copytree(tmp_path / "origin", root)
        (root / "journal" / segment.name).write_bytes(segment.read_bytes()[: length - len(whole)])
        opened(root).close()
        last = records(root)[-1]
        assert (last.seq, last.kind, last.data["cause"]) == (49, "journal.repaired", "torn_signed")
        assert last.data["lost"] == {"seq": 49, "hash": record.hash_of(whole.splitlines()[0])}
        assert verify(root).is_clean


@pytest.mark.parametrize(
    ("hurt", "kind"),
    [
        (lambda raw: raw[:-1] + b"x", Kind.BIT_FLIP),
        (lambda raw: raw[:-30] + b"x" + raw[-29:], Kind.BIT_FLIP),
        (lambda raw: raw + b"x\n", Kind.BIT_FLIP),
        (lambda raw: b"\n".join(raw.split(b"\n")[:-2]) + b"\n", Kind.CUT),
    ],
    ids=["newline", "byte", "line", "cut"],
)
def test_other_damage_is_never_mended(tmp_path: Path, hurt: object, kind: Kind) -> None:
    """A changed byte at the end is no torn record: appends are refused until it is put right."""
    assert callable(hurt)
    segment = filled(tmp_path, 20, payloads=False)
    raw = segment.read_bytes()
    segment.write_bytes(hurt(raw))
    told: list[str] = []
    journal = opened(tmp_path, told=told)
    with pytest.raises(JournalDamaged) as caught:
        journal.append(draft())
    assert caught.value.details["damage"] == kind
    assert len(told) == 1
    assert segment.read_bytes() == hurt(raw)


def test_lost_checkpoints_stop_the_writer(tmp_path: Path) -> None:
    """Without them a cut would not show; an admin resumes after looking."""
    filled(tmp_path, 20)
    (tmp_path / "journal" / checkpoint.FILE).unlink()
    journal = opened(tmp_path)
    with pytest.raises(JournalDamaged):
        journal.append(draft())
    assert journal.resume("admin", "the disk was repaired").seq == 21
    assert verify(tmp_path).is_clean


def old_checkpoints(root: Path, behind: int) -> None:
    """Make a journal whose checkpoints lag so many records behind, as after a power cut."""
    journal = opened(new_home(root))
    journal.append(draft())
    kept = (root / "journal" / checkpoint.FILE).read_bytes()
    journal.append(*(draft(n) for n in range(behind)))
    (root / "journal" / checkpoint.FILE).write_bytes(kept)


def test_records_that_lost_their_signature_are_signed_late(tmp_path: Path) -> None:
    """A power cut may lose the newest checkpoint; the start says which records it signed again."""
    old_checkpoints(tmp_path, 50)
    damage = verify(tmp_path).damage
    assert damage is not None
    assert damage.kind is Kind.CHECKPOINT_BEHIND
    opened(tmp_path)
    last = records(tmp_path)[-1]
    assert (last.kind, last.data["from"], last.data["to"]) == ("journal.checkpointed", 2, 51)
    assert verify(tmp_path).is_clean


def test_too_many_unsigned_records_are_damage(tmp_path: Path) -> None:
    """Milestones reach the disk: a longer lag has another cause than a power cut."""
    old_checkpoints(tmp_path, LATEST + 1)
    with pytest.raises(JournalDamaged):
        opened(tmp_path).append(draft())


def test_unsigned_records_must_continue_the_signed_one(tmp_path: Path) -> None:
    """A forged end is not signed late."""
    old_checkpoints(tmp_path, 5)
    segment = tmp_path / "journal" / "000001.ndjson"
    forged = record.seal(
        draft(99), after=record.GENESIS, at=START, entropy=_Zeros()
    )  # another first record than the signed one
    tail, pieces = forged.tail, [forged.raw]
    for number in range(5):
        made = record.seal(draft(number), after=tail, at=START, entropy=_Zeros())
        tail = made.tail
        pieces.append(made.raw)
    segment.write_bytes(b"".join(pieces))
    with pytest.raises(JournalDamaged):
        opened(tmp_path).append(draft())


class _Zeros:
    def bytes(self, count: int) -> bytes:
        """Return zeros."""
        return bytes(count)


def killed_at(root: Path, call: str, number: int) -> bool:
    """Run a writer of three commits that is killed at the n-th call; tell whether it was."""
    command = [
        "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
        "-e", f"inject={call}:signal=KILL:when={number}", "-P", str(root / "journal" / "000001.ndjson"),
        "-P", str(root / "journal" / checkpoint.FILE),
        sys.executable, "-m", "tests.journal.journal_writer", str(root), "3", "w",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=REPO, input="\n", capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode != 0


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to kill a process at a system call")
@pytest.mark.parametrize("call", ["pwrite64", "fsync", "ftruncate"])
def test_a_writer_may_die_at_any_system_call(tmp_path: Path, call: str) -> None:
    """F05, F06: killed at each write point of a commit, then at each one of the recovery."""
    crashed = new_home(tmp_path / "crashed")
    opened(crashed).append(draft(1), draft(2, payload=2))
    segment = crashed / "journal" / "000001.ndjson"
    raw = segment.read_bytes()
    torn = raw + raw[:150]
    for number in range(1, 12):
        root = tmp_path / f"{call}-{number}"
        shutil.copytree(crashed, root)
        (root / "journal" / segment.name).write_bytes(torn)
        was_killed = killed_at(root, call, number)
        opened(root).close()
        assert verify(root).damage is None
        kinds = [found.kind for found in records(root)]
        assert kinds.count("journal.repaired") >= 1
        if not was_killed:
            return
