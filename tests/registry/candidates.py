"""Candidates and a small journal for the tests of the registry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neira.model import Digest, PluginId, Record, Seq
from neira.registry import register, step
from neira.registry.fold import fold
from neira.registry.register import Candidate
from neira.registry.snapshot import Snapshot
from neira.registry.step import Deletion, Same
from tests.fakes import START

if TYPE_CHECKING:
    from neira.model import Draft, JsonObject
    from neira.registry.step import Step


def digest(text: str) -> Digest:
    """Digest a text."""
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def candidate(
    plugin: str = "a.b",
    version: str = "1.0.0",
    code: str = "code",
    *,
    entry: str | None = None,
    asks: tuple[str, ...] = (),
) -> Candidate:
    """Make a candidate whose manifest says little."""
    canonical: JsonObject = {"id": plugin, "version": version, "kind": "script", "permissions": list(asks)}
    return Candidate(
        PluginId(plugin),
        version,
        canonical,
        digest(repr(canonical)),
        digest(code),
        len(code),
        entry,
        digest(code) if entry else None,
        asks,
    )


@dataclass
class Told:
    """A registry with the records that made it."""

    now: Snapshot = field(default_factory=Snapshot)
    records: list[Record] = field(default_factory=list)

    def take(self, found: Step | Same | Deletion) -> Snapshot:
        """Write a step down and move on."""
        if isinstance(found, Same):
            return self.now
        draft = step.deletion_draft(found) if isinstance(found, Deletion) else step.draft(self.now, found)
        return self.write(draft)

    def write(self, draft: Draft) -> Snapshot:
        """Seal a draft as the journal would, and fold it."""
        seq = Seq(len(self.records) + 1)
        record = Record(seq, f"NEI-{seq}", START, draft.kind, "test", draft.change, (), draft.data, "", "")
        self.records.append(record)
        self.now = fold(self.now, record)
        return self.now

    def register(self, new: Candidate, *, enable: bool = False, keep: int = 5) -> Snapshot:
        """Register a candidate."""
        return self.take(register.register(self.now, new, enable=enable, keep=keep))
