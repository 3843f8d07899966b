"""The verification of a journal, in the words that `journal verify`, `doctor` and backups share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.disk import Lock
from neira.journal.verify import verify

if TYPE_CHECKING:
    from neira.home import Home
    from neira.journal.verify import Verdict
    from neira.model import JsonObject
    from neira.ports import Clock
    from neira.upkeep.finding import Progress


def verified(home: Home, clock: Clock, progress: Progress) -> Verdict:
    """Judge the whole journal of a home, also while others write to it."""
    lock = Lock(home.locks / "journal.lock", clock) if home.locks.is_dir() else None
    return verify(home.root, lock=lock, watch=lambda seen: progress(seen.done, seen.total))


def sentence(verdict: Verdict) -> str:
    """Say in one line what a verification came to."""
    if verdict.damage is None:
        return f"{verdict.records} records, every one as it was written"
    return f"{verdict.damage.kind} at record {verdict.damage.seq}: {verdict.damage.sentence}"


def as_json(verdict: Verdict) -> JsonObject:
    """Show a verification as the API does."""
    damage = verdict.damage
    shown: JsonObject | None = None
    if damage is not None:
        shown = {"seq": damage.seq, "kind": damage.kind.value, "reason": damage.sentence}
    return {
        "clean": verdict.is_clean,
        "first": verdict.first,
        "last": verdict.last,
        "records": verdict.records,
        "bytes": verdict.bytes,
        "damage": shown,
        "notes": list(verdict.notes),
    }
