"""What a writer may do about the end of the journal it finds: nothing, cut a torn end, or refuse.

`pen` asks under the journal's lock, before it writes. The rule is pure: the last checkpoint says what was
promised, the tail what is there, and what lies behind it is nothing, a torn unit, or something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from neira.errors.journal import JournalDamaged
from neira.journal import record
from neira.journal.checkpoint import EVERY
from neira.model import ChangeNote, Draft, Seq

if TYPE_CHECKING:
    from neira.journal.checkpoint import Checkpoint
    from neira.journal.record import Tail
    from neira.model import Json

LATEST = 2 * EVERY  # records that a power cut may leave unsigned: milestones are on disk, the rest may lag
ACTOR = "system:journal"


class Rest(Enum):
    """What lies behind the last whole unit of the last segment."""

    NOTHING = "nothing"
    TORN = "torn"  # the beginning of one unit
    FOREIGN = "foreign"  # whole lines that do not belong there


class Cause(Enum):
    """Why bytes are cut off the end."""

    TORN = "torn"  # a write was cut short and had not been promised
    INTERRUPTED = "interrupted"  # a commit of several records was cut short: all of it goes
    TORN_SIGNED = "torn_signed"  # the last record had been promised, and lost its end


@dataclass(frozen=True, slots=True)
class Cut:
    """Cut everything behind a record."""

    after: Seq
    cause: Cause


@dataclass(frozen=True, slots=True)
class Standing:
    """What must be done before the next record."""

    cut: Cut | None = None
    unsigned_since: Seq | None = None


def rest_of(raw: bytes) -> Rest:
    """Say what the bytes behind the last whole unit are."""
    if not raw:
        return Rest.NOTHING
    line, newline, behind = raw.partition(b"\n")
    if not newline:  # a changed last newline is no torn line: the record before it is all there
        return Rest.FOREIGN if record.is_whole(raw[:-1]) else Rest.TORN
    torn_payload = record.is_whole(line) and record.payload_digest(line) is not None and b"\n" not in behind
    return Rest.TORN if torn_payload and not _was_whole(line, behind) else Rest.FOREIGN


def judge(point: Checkpoint | None, tail: Tail, rest: Rest) -> Standing:
    """Decide what the end of a journal allows, or refuse it as damaged."""
    if point is None:
        return _unsigned(tail, rest)
    if tail.seq == point.seq and tail.hash != point.root:
        raise JournalDamaged("rewritten", tail.seq, "the last record is not the one that was signed")
    if point.next is not None and point.seq <= tail.seq <= point.next.seq:
        return _interrupted(point, tail, rest)
    if tail.seq == point.seq - 1 and rest is Rest.TORN and point.next is None:
        return Standing(Cut(tail.seq, Cause.TORN_SIGNED))
    if rest is Rest.FOREIGN:
        raise JournalDamaged("bit_flip", tail.seq + 1, "what follows the last sound record is no record")
    if tail.seq < point.seq:
        raise JournalDamaged("cut", tail.seq + 1, f"records up to {point.seq} were signed")
    if tail.seq > point.seq + LATEST:
        raise JournalDamaged("checkpoint_behind", point.seq, "too many records behind it are not signed")
    torn = Cut(tail.seq, Cause.TORN) if rest is Rest.TORN else None
    return Standing(torn, point.seq if tail.seq > point.seq else None)


def repaired(cut: Cut, count: int, sha256: str, lost: Checkpoint | None) -> Draft:
    """Write down what was cut off."""
    note = ChangeNote(
        what=f"Cut {count} bytes behind record {cut.after} off the journal",
        why=_WHY[cut.cause],
        verify="neira journal verify",
        impact=("these bytes hold no record that anybody was told of",)
        if lost is None
        else (f"record {lost.seq} is lost",),
    )
    data: dict[str, Json] = {"after": cut.after, "bytes": count, "sha256": sha256, "cause": cut.cause.value}
    if lost is not None:
        data["lost"] = {"seq": lost.seq, "hash": lost.root}
    return Draft("journal.repaired", ACTOR, note, "journal-repaired", data)


def signed_late(since: Seq, tail: Tail) -> Draft:
    """Write down that records were signed later than they were written."""
    note = ChangeNote(
        what=f"Signed the records {since + 1} to {tail.seq} late",
        why="the last checkpoint had not reached the disk when the machine stopped",
        verify="neira journal verify",
    )
    data: dict[str, Json] = {"from": since + 1, "to": tail.seq, "root": tail.hash}
    return Draft("journal.checkpointed", ACTOR, note, "journal-checkpointed", data)


_WHY = {
    Cause.TORN: "a write stopped half-way",
    Cause.INTERRUPTED: "a commit stopped half-way; all its records go, none was acknowledged",
    Cause.TORN_SIGNED: "the last record lost its end after it had been signed",
}


def _unsigned(tail: Tail, rest: Rest) -> Standing:
    if tail.seq or rest is not Rest.NOTHING:
        raise JournalDamaged("checkpoint_missing", tail.seq, "there is no checkpoint for these records")
    return Standing()


def _interrupted(point: Checkpoint, tail: Tail, rest: Rest) -> Standing:
    """Settle a commit that was announced: whole, or not at all."""
    if point.next is not None and tail.seq == point.next.seq:
        if tail.hash != point.next.root:
            raise JournalDamaged("rewritten", tail.seq, "the records are not those that were announced")
        return Standing() if rest is Rest.NOTHING else Standing(Cut(tail.seq, Cause.TORN))
    if tail.seq == point.seq and rest is Rest.NOTHING:
        return Standing()
    return Standing(Cut(point.seq, Cause.INTERRUPTED))


def _was_whole(line: bytes, payload: bytes) -> bool:
    """Tell whether a payload is all there but for a changed newline."""
    return bool(payload) and record.payload_fits(line, payload[:-1])
