"""Overwriting payload lines that were forgotten, so that a crash in between is finished at the next open.

`forget` writes a plan, journals what it is about to do, and blanks; `Journal.open` finishes the plans it
finds. What the journal does not name is never blanked.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from neira import disk
from neira.home import Home
from neira.journal import record, segment
from neira.journal.reader import Reader
from neira.model import Seq

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

KIND = "journal.forgotten"
_PLAN = "forgetting-*.json"


@dataclass(frozen=True, slots=True)
class Target:
    """A payload to blank: the number of its record, and its digest."""

    seq: Seq
    digest: str


def plan(home: Path, since: Seq, targets: Sequence[Target]) -> Path:
    """Keep what is going to be forgotten until it is done; `since` is the journal's end by now."""
    path = Home(home).private / _PLAN.replace("*", f"{since}-{targets[0].digest[:16]}")
    told = {"since": since, "targets": [[each.seq, each.digest] for each in targets]}
    disk.write_atomic(path, json.dumps(told).encode(), mode=0o600)
    return path


def redo(home: Path) -> None:
    """Finish what an interrupted forgetting had journaled already."""
    for path in sorted(Home(home).private.glob(_PLAN)):
        told = json.loads(path.read_bytes())
        named = set(_named(home, Seq(told["since"])))
        blank(home, [Target(Seq(seq), digest) for seq, digest in told["targets"] if digest in named])
        path.unlink(missing_ok=True)


def blank(home: Path, targets: Iterable[Target]) -> None:
    """Overwrite payload lines in place, and have the disk confirm it."""
    reader = Reader(home, archived=True)
    ordered = sorted(targets, key=lambda target: target.seq)
    for number, group in groupby(ordered, key=lambda target: reader.numbers_from(target.seq)[0]):
        fd = os.open(segment.find(reader.folder, number), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            for target in group:
                _overwrite(fd, target)
            disk.sync(fd)
        finally:
            os.close(fd)


def _overwrite(fd: int, target: Target) -> None:
    """Put the blank in the place of one payload; the record must still name it."""
    with os.fdopen(os.dup(fd), "rb") as file:
        unit = next(segment.units(file, segment.locate(file, target.seq)), None)
    if unit is None or unit.payload is None:
        return
    if record.seq_of(unit.line) == target.seq and record.payload_digest(unit.line) == target.digest:
        line = record.blank(target.digest, len(unit.payload))
        disk.write_at(fd, line, unit.start + len(unit.line) + 1)


def _named(home: Path, since: Seq) -> Iterable[str]:
    for found in Reader(home).after(since, kinds={KIND}):
        digests = found.data["digests"]
        if isinstance(digests, list):
            yield from (str(digest) for digest in digests)
