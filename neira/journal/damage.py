"""The kinds of damage that a journal can show, and how to tell them apart.

`verify` asks here once, at the first line that does not fit; everything before it is proved sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from neira.journal import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import Seq


class Kind(StrEnum):
    """The names of damage; `docs/journal.md` explains each."""

    BIT_FLIP = "bit_flip"
    CUT = "cut"
    INSERTION = "insertion"
    REORDER = "reorder"
    DUPLICATE = "duplicate"
    MISSING = "missing"
    REWRITTEN = "rewritten"
    PAYLOAD_MISMATCH = "payload_mismatch"
    TORN = "torn"
    CHECKPOINT_MISSING = "checkpoint_missing"
    CHECKPOINT_BEHIND = "checkpoint_behind"
    CHECKPOINT_BAD = "checkpoint_bad"
    ANCHOR_BAD = "anchor_bad"


@dataclass(frozen=True, slots=True)
class Damage:
    """The first thing that is wrong: its kind, the number of the record, and a sentence."""

    kind: Kind
    seq: int
    sentence: str

    @property
    def is_mended_at_start(self) -> bool:
        """Tell whether the next start of a writer mends it, and says so in a record."""
        return self.kind is Kind.TORN


@dataclass(frozen=True, slots=True)
class Suspect:
    """A line that does not continue the chain, with what stands around it."""

    line: bytes
    expected: int
    prev: str
    following: Sequence[bytes]
    later: Sequence[int]  # first numbers of the segments behind

    @property
    def comes_later(self) -> bool:
        """Tell whether the expected record stands behind the line that is in its place."""
        near = any(record.seq_of(line) == self.expected for line in self.following)
        return near or any(first <= self.expected for first in self.later)


def name(suspect: Suspect) -> Damage:
    """Name what has happened at a line that does not fit."""
    found = record.seq_of(suspect.line)
    if suspect.line.startswith(record.PAYLOAD_STARTS):
        return _stray_payload(suspect)
    if found is None or not record.is_whole(suspect.line):
        return Damage(
            Kind.BIT_FLIP, suspect.expected, f"the bytes of record {suspect.expected} do not fit their hash"
        )
    if found == suspect.expected:
        before = max(found - 1, 1)
        return Damage(
            Kind.REWRITTEN, before, f"record {found} continues another record {before} than stands there"
        )
    return _behind(suspect, found) if found > suspect.expected else _again(suspect, found)


def cut(tail: Seq | int, promised: int) -> Damage:
    """Name a tail that is gone."""
    sentence = f"the journal ends at record {tail}; a signed checkpoint names record {promised}"
    return Damage(Kind.CUT, tail + 1, sentence)


def _behind(suspect: Suspect, found: int) -> Damage:
    expected = suspect.expected
    if suspect.comes_later:
        return Damage(Kind.REORDER, expected, f"record {found} stands before record {expected}")
    gone = f"record {expected} is" if found == expected + 1 else f"records {expected} to {found - 1} are"
    return Damage(Kind.MISSING, expected, f"{gone} missing")


def _again(suspect: Suspect, found: int) -> Damage:
    if found == suspect.expected - 1 and record.hash_of(suspect.line) != suspect.prev:
        return Damage(Kind.INSERTION, found, f"two different records have the number {found}")
    if found < suspect.expected - 1 and not suspect.comes_later:
        return Damage(Kind.REORDER, suspect.expected, f"record {found} stands behind later ones")
    return Damage(Kind.DUPLICATE, found, f"record {found} stands twice")


def _stray_payload(suspect: Suspect) -> Damage:
    expected = suspect.expected
    if suspect.comes_later:
        return Damage(Kind.INSERTION, expected, f"a payload that no record names stands before {expected}")
    return Damage(Kind.MISSING, expected, f"a payload stands where record {expected} should be")
