"""One pass of a verifier over the bytes of a journal, from a known hash to the end.

`verify` makes a walk, lets it step, and asks what it found. A walk stops at the first damage.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from neira.journal import checkpoint, damage, record, recovery, segment
from neira.journal.damage import Damage, Kind, Suspect
from neira.journal.recovery import Rest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from neira.journal.archive_anchor import Anchor
    from neira.journal.checkpoint import Checkpoint
    from neira.journal.keys import PublicKeys

_STEP = 4_096  # records between two reports of progress
_AHEAD = 4  # lines behind a suspect that are looked at
_HASH = record.HASH_FIELD + 1  # with the newline
_PREV = _HASH + record.PREV_FIELD
_PAYLOAD = _PREV + record.PAYLOAD_FIELD
_PAYLOAD_END = len(record.PAYLOAD_KEY) - _PAYLOAD
_FORGOTTEN_KIND = b'"kind":"journal.forgotten"'


class Walk:
    """Where the pass stands: the next number, the hash it must continue, and what is still owed."""

    def __init__(
        self, folder: Path, public: PublicKeys, *, expected: int, prev: str, number: int, offset: int = 0
    ) -> None:
        self.first = self.expected = expected
        self.damage: Damage | None = None
        self.notes: list[str] = []
        self.anchor: Anchor | None = None
        self.done = 0
        self._folder = folder
        self._public = public
        self._prev = prev.encode()
        self._number = number
        self._offset = offset
        self._rest = b""
        self._owed: dict[str, int] = {}  # digests of forgotten payloads that no record has named yet
        self._points = self._signed_points()
        self._point = next(self._points, None)

    @property
    def total(self) -> int:
        """Count the bytes from the start of the walk to the end of the journal."""
        numbers = [number for number in self._numbers() if number >= self._number]
        sizes = sum(segment.find(self._folder, number).stat().st_size for number in numbers)
        return self.done + max(0, sizes - self._offset)

    def steps(self) -> Iterator[tuple[int, int]]:
        """Go on to the end of what is written, reporting bytes and records now and then."""
        while not self._is_damaged():
            path = segment.find(self._folder, self._number)
            if not path.exists():
                self._check_gap()
                return
            with path.open("rb") as file:
                yield from self._through(file)
            if self._is_damaged() or not self._has_next():
                return
            self._leave_segment()
            self._number, self._offset = self._number + 1, 0

    def finish(self) -> None:
        """Judge the end: what the last checkpoint promised, what is torn, what is still owed."""
        if self.damage is not None:
            return
        if self._owed:
            digest, seq = min(self._owed.items(), key=lambda item: item[1])
            sentence = f"the payload {digest:.12} of record {seq} was blanked without a record that says so"
            self.damage = Damage(Kind.PAYLOAD_MISMATCH, seq, sentence)
        else:
            self.damage = self._judge_end()

    def _through(self, file: BinaryIO) -> Iterator[tuple[int, int]]:
        """Check one segment from the present offset; the loop that decides the speed of a verification."""
        file.seek(self._offset)
        self._rest = b""
        count = 0
        while line := file.readline():
            own = sha256(line[:-_HASH]).hexdigest().encode()
            if (
                line[-_HASH:] != b',"hash":"%b"}\n' % own
                or line[-_PREV:-_HASH] != b',"prev":"%b"' % self._prev
                or not line.startswith(b'{"seq":%d,' % self.expected)
            ):
                self._suspect(line, file)
                return
            length = len(line)
            if line[-_PAYLOAD:_PAYLOAD_END] == record.PAYLOAD_KEY:
                payload = file.readline()
                if not self._payload_fits(line, payload):
                    return
                length += len(payload)
            if self._owed and _FORGOTTEN_KIND in line[:200]:
                self._settle_owed(line)
            if self._point is not None and self._point.seq <= self.expected:
                self._match_points(own.decode())
                if self.damage is not None:
                    return
            self._prev = own
            self._offset += length
            self.done += length
            self.expected += 1
            count += 1
            if count % _STEP == 0:
                yield self.done, self.expected - self.first
        yield self.done, self.expected - self.first

    def _suspect(self, line: bytes, file: BinaryIO) -> None:
        """Take what may still be written as the rest; name anything else."""
        if not line.endswith(b"\n"):
            self._rest = line
            return
        following = [file.readline()[:-1] for _ in range(_AHEAD)]
        later = [
            first for number in self._numbers() if number > self._number and (first := self._first(number))
        ]
        found = Suspect(line[:-1], self.expected, self._prev.decode(), following, later)
        self.damage = damage.name(found)

    def _payload_fits(self, line: bytes, payload: bytes) -> bool:
        digest = line[_PAYLOAD_END : -_PREV - 2].decode("ascii", "replace")
        if payload.endswith(b"\n") and sha256(payload[:-1]).hexdigest() == digest:
            return True
        if payload.endswith(b"\n") and record.is_forgotten(payload[:-1], digest):
            self._owed[digest] = self.expected
            return True
        if not payload.endswith(b"\n"):
            self._rest = line + payload
            return False
        missing = payload.startswith(record.RECORD_START)
        sentence = "is missing" if missing else "does not fit its digest"
        self.damage = Damage(
            Kind.PAYLOAD_MISMATCH, self.expected, f"the payload of record {self.expected} {sentence}"
        )
        return False

    def _settle_owed(self, line: bytes) -> None:
        for digest in json.loads(line)["data"]["digests"]:
            self._owed.pop(digest, None)

    def _match_points(self, own: str) -> None:
        """Compare the record with every checkpoint that names it."""
        while self._point is not None and self._point.seq <= self.expected and self.damage is None:
            if self._point.seq == self.expected and self._point.root != own:
                sentence = f"record {self.expected} is not the one that a signed checkpoint names"
                self.damage = Damage(Kind.REWRITTEN, self.expected, sentence)
            self._point = next(self._points, None)

    def _signed_points(self) -> Iterator[Checkpoint]:
        """Give the checkpoints from the first record of this walk on, each with its signature checked."""
        before, torn = 0, False
        for point in checkpoint.read_all(self._folder):
            if torn or (point is not None and (point.seq < before or not point.is_signed_by(self._public))):
                sentence = f"the checkpoint after record {before} is no signed checkpoint"
                self.damage = self.damage or Damage(Kind.CHECKPOINT_BAD, before, sentence)
                return
            torn = point is None
            if point is not None:
                before = point.seq
                if before >= self.first:
                    yield point

    def _judge_end(self) -> Damage | None:
        _, point = checkpoint.last(self._folder)
        for _ in self._points:  # those that name records behind the end: their signatures count too
            pass
        if self.damage is not None:
            return self.damage
        last = self.expected - 1
        if point is None:
            return None if not last and not self._rest else self._unpromised()
        if not point.is_signed_by(self._public):
            return Damage(Kind.CHECKPOINT_BAD, point.seq, "the last checkpoint has no valid signature")
        return self._judge_against(point, last)

    def _judge_against(self, point: Checkpoint, last: int) -> Damage | None:
        """Hold the end against the last promise."""
        own = self._prev.decode()
        if self._rest and (found := self._judge_rest(point)) is not None:
            return found
        if point.seq == last and point.root != own and last >= self.first:
            return Damage(Kind.REWRITTEN, last, f"record {last} is not the one that was signed")
        if point.seq > last:
            return damage.cut(last, point.seq)
        if point.next is not None and last <= point.next.seq:
            return self._judge_announced(point, last, own)
        if last > point.seq:
            sentence = f"the records {point.seq + 1} to {last} stand behind the last signed checkpoint"
            return Damage(Kind.CHECKPOINT_BEHIND, point.seq + 1, sentence)
        return None

    def _judge_rest(self, point: Checkpoint) -> Damage | None:
        seq = self.expected
        if recovery.rest_of(self._rest) is Rest.FOREIGN:
            return Damage(Kind.BIT_FLIP, seq, f"record {seq} does not end as it was written")
        if point.seq <= seq:
            return Damage(Kind.TORN, seq, f"record {seq} is torn; the next start cuts it off and says so")
        return None

    def _judge_announced(self, point: Checkpoint, last: int, own: str) -> Damage | None:
        """Judge the end of a commit that was announced and not yet signed off."""
        if last == point.seq or point.next is None:
            return None
        if last < point.next.seq:
            sentence = f"a commit stopped half-way behind record {point.seq}; the next start takes it back"
            return Damage(Kind.TORN, point.seq + 1, sentence)
        if own != point.next.root:
            return Damage(Kind.REWRITTEN, last, f"record {last} is not the one that was announced")
        return None

    def _unpromised(self) -> Damage:
        sentence = "there is no checkpoint: a cut or rewritten journal would not show"
        return Damage(Kind.CHECKPOINT_MISSING, self.expected - 1, sentence)

    def _leave_segment(self) -> None:
        """Check what must hold at the end of a segment that is not the last."""
        if self._rest:
            self.damage = Damage(Kind.TORN, self.expected, "a segment that is not the last ends torn")
        if self.anchor is None or self.anchor.segment != self._number:
            return
        if (self.anchor.seq, self.anchor.hash.encode()) != (self.expected - 1, self._prev):
            sentence = f"the archive does not end at record {self.anchor.seq}, as its anchor says"
            self.damage = Damage(Kind.ANCHOR_BAD, self.anchor.seq, sentence)

    def _is_damaged(self) -> bool:
        return self.damage is not None

    def _check_gap(self) -> None:
        """Tell a journal that has no records yet from one that has lost a segment."""
        if any(number > self._number for number in self._numbers()):
            sentence = f"the segment {self._number:06} with record {self.expected} is missing"
            self.damage = Damage(Kind.MISSING, self.expected, sentence)

    def _has_next(self) -> bool:
        return any(number > self._number for number in self._numbers())

    def _numbers(self) -> list[int]:
        here, archived = segment.numbers(self._folder), segment.numbers(self._folder / segment.ARCHIVE)
        return sorted({*here, *archived})

    def _first(self, number: int) -> int | None:
        with segment.find(self._folder, number).open("rb") as file:
            return segment.first_seq(file)
