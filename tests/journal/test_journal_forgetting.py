"""What leaves the journal: payloads that are forgotten, and segments that are archived."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from neira.home import Home
from neira.journal import blanking, keys, segment
from neira.journal.archive import archive
from neira.journal.damage import Kind
from neira.journal.forget import forget, mentioning
from neira.journal.reader import Reader
from neira.journal.record import blank, payload_digest
from neira.journal.verify import verify
from neira.model import ChangeNote, Draft, NoPayload, Record, Seq
from tests.journal.journal_homes import draft, new_home, opened, units

if TYPE_CHECKING:
    from pathlib import Path

    from neira.journal.journal import Journal


def event(number: int) -> Draft:
    """Make an event of one of three chats."""
    payload = {
        "params": {"secret": f"word-{number}"},
        "context": {"chat_id": f"c{number % 3}", "session_id": "s1"},
    }
    return Draft(
        "event.received", "token:a", ChangeNote("event"), "e", {"event_id": f"e{number}"}, payload=payload
    )


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Give a journal of 30 events over several segments."""
    made = opened(new_home(tmp_path), segment_bytes=4_000)
    for number in range(30):
        made.append(event(number))
    return made


def bytes_of(root: Path) -> bytes:
    """Join all bytes below the journal's folder."""
    return b"".join(path.read_bytes() for path in sorted((root / "journal").rglob("*.ndjson")))


def records(root: Path) -> list[Record]:
    """Read everything, archive included."""
    return list(Reader(root, archived=True).after(Seq(0)))


def forget_chat(journal: Journal, chat: str) -> tuple[Seq, ...]:
    """Forget one chat."""
    return forget(journal, mentioning(chat_id=chat), what=f"chat {chat}", actor="admin", why="asked").seqs


def test_a_forgotten_chat_is_gone_and_the_journal_clean(journal: Journal) -> None:
    """Payloads are blanked in place, the records stay, and one more record says so."""
    size = len(bytes_of(journal.home))
    assert forget_chat(journal, "c1") == tuple(range(2, 31, 3))
    assert verify(journal.home).is_clean
    raw = bytes_of(journal.home)
    assert b'word-1"' not in raw
    assert b'word-2"' in raw
    found = records(journal.home)
    assert [each.seq for each in found if each.payload is NoPayload.FORGOTTEN] == list(range(2, 31, 3))
    assert found[-1].kind == "journal.forgotten"
    assert len(raw) > size
    assert list(Home(journal.home).private.glob("forgetting-*")) == []


def test_forgetting_twice_finds_nothing_the_second_time(journal: Journal) -> None:
    """No second record for what is gone."""
    forget_chat(journal, "c1")
    before = journal.tail()
    assert forget_chat(journal, "c1") == ()
    assert journal.tail() == before


def test_one_event_can_be_forgotten(journal: Journal) -> None:
    """By its id alone, or by everything together."""
    assert forget(journal, mentioning(event_id="e7"), what="event", actor="a", why="").seqs == (8,)
    session = mentioning(chat_id="c0", session_id="s1")
    assert len(forget(journal, session, what="session", actor="a", why="").seqs) == 10


def test_a_blank_that_no_record_names_is_damage(journal: Journal) -> None:
    """Only what was journaled may be forgotten."""
    first = journal.home / "journal" / "000001.ndjson"
    pieces = units(first)
    line, payload = pieces[1].splitlines()
    digest = payload_digest(line)
    assert digest is not None
    pieces[1] = line + b"\n" + blank(digest, len(payload)) + b"\n"
    first.write_bytes(b"".join(pieces))
    damage = verify(journal.home).damage
    assert damage is not None
    assert (damage.kind, damage.seq) == (Kind.PAYLOAD_MISMATCH, 2)


def test_a_record_cannot_name_a_blank_in_advance(journal: Journal) -> None:
    """The record that names a forgotten payload comes after it."""
    pieces = units(journal.home / "journal" / "000001.ndjson")
    digest = payload_digest(pieces[0].splitlines()[0])
    assert digest is not None
    early = Draft("journal.forgotten", "a", ChangeNote("w"), "f", {"digests": [digest]})
    home = new_home(journal.home / "other")
    other = opened(home)
    other.append(early)
    other.append(event(0))
    target = home / "journal" / "000001.ndjson"
    lines = target.read_bytes().splitlines()
    named = payload_digest(lines[1])
    assert named is not None
    lines[2] = blank(named, len(lines[2]))
    target.write_bytes(b"\n".join(lines) + b"\n")
    assert not verify(home).is_clean


def test_an_interrupted_forgetting_is_finished_at_the_next_open(journal: Journal) -> None:
    """Killed after the record and before the blanking, or half-way through it."""
    root = journal.home
    seq = Seq(5)
    unit = next(Reader(root).units(Seq(seq - 1), upto=seq))
    digest = payload_digest(unit.line)
    assert digest is not None
    blanking.plan(root, journal.tail()[0], [blanking.Target(seq, digest)])
    journal.append(Draft("journal.forgotten", "a", ChangeNote("w"), "f", {"digests": [digest]}))
    assert unit.payload is not None
    target = root / "journal" / f"{Reader(root).numbers_from(seq)[0]:06}.ndjson"
    half = blank(digest, len(unit.payload))[:40] + unit.payload[40:]
    target.write_bytes(target.read_bytes().replace(unit.payload, half))
    assert not verify(root).is_clean
    opened(root)
    assert verify(root).is_clean
    assert records(root)[4].payload is NoPayload.FORGOTTEN


def test_a_forgetting_that_was_not_journaled_is_dropped(journal: Journal) -> None:
    """Killed before the record: nothing is blanked."""
    unit = next(Reader(journal.home).units(Seq(4), upto=Seq(5)))
    digest = payload_digest(unit.line)
    assert digest is not None
    blanking.plan(journal.home, journal.tail()[0], [blanking.Target(Seq(5), digest)])
    opened(journal.home)
    assert verify(journal.home).is_clean
    assert records(journal.home)[4].payload is not NoPayload.FORGOTTEN
    assert list(Home(journal.home).private.glob("forgetting-*")) == []


def test_an_archived_journal_stays_verifiable(journal: Journal) -> None:
    """Old segments move, the chain goes through them, and the rest stands on the signed anchor."""
    root = journal.home
    done = archive(journal, {"plugins": {}}, actor="admin", why="spring")
    assert done.snapshot.seq == 31
    assert done.upto == 30
    assert verify(root).first == 1
    assert journal.append(draft())[0].seq == 32
    assert [found.seq for found in journal.after(Seq(0))] == [31, 32]
    (snapshot,) = list(journal.after(journal.base(), kinds={"journal.archived"}))
    assert snapshot.payload == {"plugins": {}}
    shutil.rmtree(root / "journal" / segment.ARCHIVE)
    verdict = verify(root)
    assert (verdict.damage, verdict.first, verdict.last) == (None, 31, 32)
    assert verdict.notes
    assert opened(root).append(draft())[0].seq == 33


def test_archiving_again_moves_the_anchor(journal: Journal) -> None:
    """And a limit keeps what is younger."""
    root = journal.home
    first = archive(journal, 1, actor="a", why="", upto=Seq(12))
    assert first.upto <= 12
    assert verify(root).is_clean
    second = archive(journal, 2, actor="a", why="")
    assert second.upto == 31
    assert verify(root).first == 1
    assert [found.seq for found in records(root)] == list(range(1, 33))


def test_an_interrupted_archiving_harms_nothing(journal: Journal) -> None:
    """Killed between the anchor and the last move: segments in both places are one journal."""
    root = journal.home
    archive(journal, 1, actor="a", why="")
    moved = sorted((root / "journal" / segment.ARCHIVE).glob("*.ndjson"))
    moved[-1].rename(root / "journal" / moved[-1].name)
    assert verify(root).first == 1
    assert verify(root).is_clean
    assert archive(journal, 2, actor="a", why="").upto == 31


def test_a_forged_anchor_is_found(journal: Journal) -> None:
    """An anchor that our key did not sign vouches for nothing."""
    root = journal.home
    archive(journal, 1, actor="a", why="")
    anchor = root / "journal" / "anchor.json"
    raw = anchor.read_bytes()
    anchor.write_bytes(raw.replace(b'"seq":30', b'"seq":29'))
    damage = verify(root).damage
    assert damage is not None
    assert damage.kind is Kind.ANCHOR_BAD
    anchor.write_bytes(b"{}")
    assert not verify(root).is_clean
    anchor.write_bytes(raw)
    shutil.rmtree(root / "journal" / segment.ARCHIVE)
    anchor.unlink()
    assert not verify(root).is_clean


def test_people_in_the_archive_are_forgotten_too(journal: Journal) -> None:
    """An archive is no hiding place."""
    archive(journal, 1, actor="a", why="")
    assert len(forget_chat(journal, "c2")) == 10
    assert verify(journal.home).is_clean
    assert b'word-2"' not in bytes_of(journal.home)


def test_an_old_key_still_counts(journal: Journal) -> None:
    """Checkpoints of an earlier key stay valid while its public half is kept."""
    journal.close()
    folder = Home(journal.home).private / "keys"
    (folder / "journal.pub").rename(folder / "journal-2025.pub")
    (folder / "journal.ed25519").unlink()
    keys.make(journal.home, _Other())
    again = opened(journal.home)
    again.append(draft())
    assert verify(journal.home).is_clean


class _Other:
    def bytes(self, count: int) -> bytes:
        """Return other bytes than the counting entropy."""
        return b"\x17" * count
