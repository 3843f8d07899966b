"""What `verify` finds: every kind of damage has its name and the number of the first bad record."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from neira.home import Home
from neira.journal import checkpoint
from neira.journal.damage import Kind
from neira.journal.record import HASH_FIELD, Tail, hash_of, seal
from neira.journal.verify import verify, verify_tail
from neira.model import NoPayload, Seq
from tests.fakes import START, CountingEntropy
from tests.journal.journal_homes import draft, filled, journal_lock, new_home, opened, units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from neira.journal.damage import Damage


def found(root: Path) -> tuple[Kind, int]:
    """Return kind and number of the damage of a home."""
    damage = verify(root).damage
    assert damage is not None
    return damage.kind, damage.seq


def rewrite(segment: Path, pieces: Sequence[bytes]) -> None:
    """Replace a segment."""
    segment.write_bytes(b"".join(pieces))


def checkpoints(root: Path) -> Path:
    """Name the checkpoints of a home."""
    return root / "journal" / checkpoint.FILE


def test_an_untouched_journal_is_clean(tmp_path: Path) -> None:
    """Many records over several segments, with payloads."""
    filled(tmp_path, 300, segment_bytes=20_000)
    verdict = verify(tmp_path)
    assert (verdict.is_clean, verdict.first, verdict.last, verdict.records) == (True, 1, 300, 300)
    assert len(list((tmp_path / "journal").glob("0*.ndjson"))) > 3


def test_a_new_journal_is_clean(tmp_path: Path) -> None:
    """Nothing written is nothing wrong."""
    assert verify(new_home(tmp_path)).is_clean


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    """A progress bar can be drawn from it."""
    segment = filled(tmp_path, 50)
    seen: list[tuple[int, int]] = []
    verify(tmp_path, watch=lambda progress: seen.append((progress.done, progress.total)))
    assert seen[-1] == (segment.stat().st_size, segment.stat().st_size)


def test_one_flipped_bit_is_found_wherever_it_is(tmp_path: Path) -> None:
    """J01: 64 random bits over 1,000 records, and each names the right record."""
    segment = filled(tmp_path, 1_000)
    whole = segment.read_bytes()
    ends: list[int] = []
    for unit in units(segment):
        ends.append((ends[-1] if ends else 0) + len(unit))
    dice = random.Random(7)
    for _ in range(64):
        place = dice.randrange(len(whole))
        bad = bytearray(whole)
        bad[place] ^= 1 << dice.randrange(8)
        segment.write_bytes(bad)
        damage = verify(tmp_path).damage
        assert damage is not None
        assert damage.seq == next(seq for seq, end in enumerate(ends, 1) if place < end)
        newest = verify_tail(tmp_path, 1_000).damage
        assert newest == damage


@pytest.mark.parametrize("count", [1, 10])
def test_a_tail_cut_at_a_line_is_found(tmp_path: Path, count: int) -> None:
    """J02: whole records that are gone show by the checkpoint."""
    segment = filled(tmp_path, 50)
    rewrite(segment, units(segment)[:-count])
    assert found(tmp_path) == (Kind.CUT, 51 - count)


def test_a_torn_last_record_is_called_torn(tmp_path: Path) -> None:
    """J02: at each byte of the last record."""
    segment = filled(tmp_path, 49)  # the last one has a payload
    *others, last = units(segment)
    for length in range(1, len(last)):
        rewrite(segment, [*others, last[:length]])
        assert found(tmp_path) == (Kind.TORN, 49)


def test_a_torn_record_inside_is_damage(tmp_path: Path) -> None:
    """J02: only the last record may be torn."""
    segment = filled(tmp_path, 30)
    pieces = units(segment)
    pieces[9] = pieces[9][:100]
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.BIT_FLIP, 10)


def test_a_segment_that_ends_torn_is_damage(tmp_path: Path) -> None:
    """J02: the end of a segment that is not the last is not an end."""
    segment = filled(tmp_path, 100, segment_bytes=8_000)
    last = len(units(segment))
    segment.write_bytes(segment.read_bytes()[:-5])
    assert found(tmp_path) == (Kind.TORN, last)


def test_a_record_put_in_is_found(tmp_path: Path) -> None:
    """J03: a self-consistent record in the middle, the others left alone."""
    segment = filled(tmp_path, 30, payloads=False)
    pieces = units(segment)
    before = Tail(Seq(9), hash_of(pieces[8][:-1]), None)
    pieces.insert(9, seal(draft(99), after=before, at=START, entropy=CountingEntropy()).raw)
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.INSERTION, 10)


def test_swapped_neighbours_are_found(tmp_path: Path) -> None:
    """J03: record 11 before record 10."""
    segment = filled(tmp_path, 30)
    pieces = units(segment)
    pieces[9], pieces[10] = pieces[10], pieces[9]
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.REORDER, 10)


def test_a_repeated_record_is_found(tmp_path: Path) -> None:
    """J03: record 10 twice."""
    segment = filled(tmp_path, 30)
    pieces = units(segment)
    pieces.insert(9, pieces[9])
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.DUPLICATE, 10)


@pytest.mark.parametrize("place", [9, 10, 11])
def test_a_dropped_record_is_found(tmp_path: Path, place: int) -> None:
    """J03: one record less, with and without payload."""
    segment = filled(tmp_path, 30)
    pieces = units(segment)
    del pieces[place]
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.MISSING, place + 1)


def test_a_dropped_payload_is_found(tmp_path: Path) -> None:
    """J03: the record stays, its payload line is gone."""
    segment = filled(tmp_path, 30)
    pieces = units(segment)
    pieces[9] = pieces[9].splitlines(keepends=True)[0]
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.PAYLOAD_MISMATCH, 10)


@pytest.mark.parametrize("place", [9, 10])
def test_a_stray_payload_is_found(tmp_path: Path, place: int) -> None:
    """J03: a payload line that no record names."""
    segment = filled(tmp_path, 30)
    pieces = units(segment)
    pieces.insert(place + 1, pieces[9].splitlines(keepends=True)[1])
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.INSERTION, place + 2)


def test_a_payload_without_its_record_is_found(tmp_path: Path) -> None:
    """J03: the record line is gone, its payload stays."""
    segment = filled(tmp_path, 30)
    pieces = units(segment)
    pieces[9] = pieces[9].splitlines(keepends=True)[1]
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.MISSING, 10)


def test_a_record_moved_to_the_end_is_found(tmp_path: Path) -> None:
    """J03: missing where it belongs; the first bad record is that one."""
    segment = filled(tmp_path, 30)
    pieces = units(segment)
    pieces.append(pieces.pop(9))
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.MISSING, 10)


def test_an_old_record_at_the_end_is_found(tmp_path: Path) -> None:
    """J03: a copy of record 10 behind the last."""
    segment = filled(tmp_path, 30)
    pieces = units(segment)
    rewrite(segment, [*pieces, pieces[9]])
    assert found(tmp_path) == (Kind.REORDER, 31)


def test_one_rewritten_record_is_found_by_the_next(tmp_path: Path) -> None:
    """J04: changed and hashed anew, alone."""
    segment = filled(tmp_path, 30, payloads=False)
    pieces = units(segment)
    before = Tail(Seq(9), hash_of(pieces[8][:-1]), START)
    pieces[9] = seal(draft(9, why="forged"), after=before, at=START, entropy=CountingEntropy()).raw
    rewrite(segment, pieces)
    assert found(tmp_path) == (Kind.REWRITTEN, 10)


def test_renumbered_records_are_found(tmp_path: Path) -> None:
    """J03: another number in the same bytes."""
    segment = filled(tmp_path, 30)
    segment.write_bytes(segment.read_bytes().replace(b'{"seq":12,', b'{"seq":13,'))
    assert found(tmp_path) == (Kind.BIT_FLIP, 12)


def test_exchanged_segments_are_found(tmp_path: Path) -> None:
    """J03: segment 2 under the name of segment 1 and the other way round."""
    first = filled(tmp_path, 200, segment_bytes=8_000)
    second = first.with_name("000002.ndjson")
    spare = first.with_name("spare")
    first.rename(spare)
    second.rename(first)
    spare.rename(second)
    assert found(tmp_path) == (Kind.REORDER, 1)


def test_a_lost_segment_is_found(tmp_path: Path) -> None:
    """J03: the one in the middle, and the first."""
    first = filled(tmp_path, 200, segment_bytes=8_000)
    count = len(units(first))
    first.with_name("000002.ndjson").unlink()
    assert found(tmp_path) == (Kind.MISSING, count + 1)
    first.unlink()
    assert found(tmp_path) == (Kind.MISSING, 1)


def test_a_journal_without_any_segment_is_cut(tmp_path: Path) -> None:
    """J03: the checkpoints still promise records."""
    filled(tmp_path, 20).unlink()
    assert found(tmp_path) == (Kind.CUT, 1)


def rehashed(segment: Path, first: int) -> list[bytes]:
    """Rewrite a journal from a record on, all hashes made anew."""
    pieces = units(segment)[: first - 1]
    tail = Tail(Seq(first - 1), hash_of(pieces[-1].splitlines()[0]), START)
    for number in range(first, len(units(segment)) + 1):
        made = seal(draft(number, why="forged"), after=tail, at=START, entropy=CountingEntropy())
        pieces.append(made.raw)
        tail = made.tail
    return pieces


def test_a_rewritten_journal_is_found_by_its_checkpoints(tmp_path: Path) -> None:
    """J04: every hash fits, the signed root does not."""
    segment = filled(tmp_path, 1_500, payloads=False)
    rewrite(segment, rehashed(segment, 500))
    kind, seq = found(tmp_path)
    assert kind is Kind.REWRITTEN
    assert 500 <= seq <= 1_010


def test_a_rewritten_journal_without_checkpoints_is_not_clean(tmp_path: Path) -> None:
    """J04: removed checkpoints are missing, never clean."""
    segment = filled(tmp_path, 800, payloads=False)
    rewrite(segment, rehashed(segment, 500))
    checkpoints(tmp_path).unlink()
    assert found(tmp_path) == (Kind.CHECKPOINT_MISSING, 800)


def test_an_older_checkpoint_proves_nothing(tmp_path: Path) -> None:
    """J04: checkpoints cut back to before the forgery."""
    root = new_home(tmp_path)
    journal = opened(root)
    journal.append(*(draft(n) for n in range(400)))
    old = checkpoints(root).read_bytes()
    journal.append(*(draft(n) for n in range(400)))
    journal.close()
    segment = root / "journal" / "000001.ndjson"
    rewrite(segment, rehashed(segment, 500))
    checkpoints(root).write_bytes(old)
    assert found(root) == (Kind.CHECKPOINT_BEHIND, 401)


def test_a_forged_checkpoint_is_found(tmp_path: Path) -> None:
    """J04: another key, or one changed byte of a line."""
    segment = filled(tmp_path, 20, payloads=False)
    rewrite(segment, rehashed(segment, 10))
    raw = checkpoints(tmp_path).read_bytes()
    old = checkpoint.last(tmp_path / "journal")[1]
    assert old is not None
    new_root = hash_of(units(segment)[-1][:-1])
    checkpoints(tmp_path).write_bytes(raw.replace(old.root.encode(), new_root.encode()))
    assert found(tmp_path)[0] is Kind.CHECKPOINT_BAD


def test_a_torn_last_checkpoint_lets_the_one_before_count(tmp_path: Path) -> None:
    """The last line was being written when the power went; the journal is then ahead of its checkpoints."""
    root = new_home(tmp_path)
    for _ in range(2):
        journal = opened(root)
        journal.append(draft())
        journal.close()
    raw = checkpoints(root).read_bytes()
    checkpoints(root).write_bytes(raw[: checkpoint.SLOT + 100])
    assert found(root) == (Kind.CHECKPOINT_BEHIND, 2)
    opened(root).close()
    assert verify(root).is_clean


def test_every_byte_of_the_checkpoints_counts(tmp_path: Path) -> None:
    """A changed line is a bad signature, a torn one, or only its padding."""
    filled(tmp_path, 5)
    raw = checkpoints(tmp_path).read_bytes()
    assert len(raw) == checkpoint.SLOT
    for place in range(0, len(raw.rstrip()), 7):
        bad = bytearray(raw)
        bad[place] ^= 1
        checkpoints(tmp_path).write_bytes(bad)
        assert not verify(tmp_path).is_clean


def test_a_missing_public_key_trusts_nothing(tmp_path: Path) -> None:
    """Without a key no signature counts."""
    filled(tmp_path, 5)
    (Home(tmp_path).private / "keys" / "journal.pub").unlink()
    assert found(tmp_path)[0] is Kind.CHECKPOINT_BAD


def test_the_newest_records_are_judged_alone(tmp_path: Path) -> None:
    """A start does not read everything: old damage is for the whole verification."""
    segment = filled(tmp_path, 100)
    segment.write_bytes(segment.read_bytes().replace(b"number 7", b"number 8", 1))
    assert verify_tail(tmp_path, 50).is_clean
    assert verify_tail(tmp_path, 50).first == 51
    assert found(tmp_path) == (Kind.BIT_FLIP, 8)


def test_damage_is_told_at_the_start_and_reading_goes_on(tmp_path: Path) -> None:
    """J01: a home with a damaged end opens, reports it, refuses appends and still reads."""
    segment = filled(tmp_path, 20)
    shutil.copy(segment, tmp_path / "kept")
    rewrite(segment, units(segment)[:-2])
    told: list[str] = []
    journal = opened(tmp_path, told=told)
    assert len(told) == 1
    assert sum(1 for _ in journal.after(Seq(0))) == 18
    shutil.copy(tmp_path / "kept", segment)
    assert journal.append(draft())[0].seq == 21


def test_verifying_while_others_write_is_clean(tmp_path: Path) -> None:
    """With the lock, the end is judged between two commits."""
    journal = opened(new_home(tmp_path))
    journal.append(draft(payload=1), draft(payload=NoPayload.NEVER))
    assert verify(tmp_path, lock=journal_lock(tmp_path)).last == 2
    journal.append(draft())
    assert verify(tmp_path, lock=journal_lock(tmp_path)).last == 3


def test_sentences_name_the_record(tmp_path: Path) -> None:
    """A person reads what is wrong and where."""
    segment = filled(tmp_path, 20)
    body = segment.read_bytes()
    segment.write_bytes(body[: -HASH_FIELD - 30] + b"x" + body[-HASH_FIELD - 29 :])
    damage: Damage | None = verify(tmp_path).damage
    assert damage is not None
    assert "record 20" in damage.sentence
