"""Forgetting people: payloads are blanked, the chain stays whole, and a record says what was forgotten.

`neira forget` and `DELETE /context/…` call it with what they are looking for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.journal import blanking, record
from neira.journal.blanking import Target
from neira.journal.reader import Reader, as_record
from neira.model import ChangeNote, Draft, NoPayload, Seq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from neira.journal.journal import Journal
    from neira.model import Json, Record

    Matcher = Callable[[Record], bool]

_A_RECORD = 1_000  # digests that one record names


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The records whose payloads are gone, and the last record that says so."""

    seqs: tuple[Seq, ...]
    told_in: Record | None


def forget(journal: Journal, matches: Matcher, *, what: str, actor: str, why: str) -> Forgotten:
    """Blank every payload that matches, wherever it lies, archive included."""
    journal.flush()
    targets = list(_targets(journal.home, matches))
    if not targets:
        return Forgotten((), None)
    since, _ = journal.tail()
    plan = blanking.plan(journal.home, since, targets)
    told = journal.append(*_drafts(targets, what=what, actor=actor, why=why))
    blanking.blank(journal.home, targets)
    plan.unlink(missing_ok=True)
    return Forgotten(tuple(target.seq for target in targets), told[-1])


def mentioning(**wanted: str) -> Matcher:
    """Match records that say all of this, each in their data, their payload or its context.

    `mentioning(event_id=…)`, `mentioning(chat_id=…)`, `mentioning(chat_id=…, session_id=…)`.
    """

    def matches(found: Record) -> bool:
        places = _places(found)
        return all(any(place.get(key) == value for place in places) for key, value in wanted.items())

    return matches


def _targets(home: Path, matches: Matcher) -> Iterator[Target]:
    reader = Reader(home, archived=True)
    for unit in reader.units(Seq(0), upto=reader.committed()):
        digest = record.payload_digest(unit.line)
        if digest is None:
            continue
        found = as_record(unit)
        if not isinstance(found.payload, NoPayload) and matches(found):
            yield Target(found.seq, digest)


def _drafts(targets: list[Target], *, what: str, actor: str, why: str) -> list[Draft]:
    drafts = []
    for start in range(0, len(targets), _A_RECORD):
        some = targets[start : start + _A_RECORD]
        note = ChangeNote(
            what=f"Forgot {what}: {len(some)} payloads",
            why=why,
            verify="neira journal verify",
            impact=("these payloads cannot be read again; their records stay",),
        )
        data: dict[str, Json] = {
            "what": what,
            "digests": [each.digest for each in some],
            "seqs": [each.seq for each in some],
        }
        drafts.append(Draft(blanking.KIND, actor, note, "journal-forgotten", data))
    return drafts


def _places(found: Record) -> list[Mapping[str, Json]]:
    places: list[Mapping[str, Json]] = [found.data]
    payload = found.payload
    if isinstance(payload, Mapping):
        places.append(payload)
        context = payload.get("context")
        if isinstance(context, Mapping):
            places.append(context)
    return places
