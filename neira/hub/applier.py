"""From the journal into the stores: every committed effect once, in the order of the journal.

Whoever has committed something calls `upto` before it answers. One process at a time works, under a lock of
the home, and takes along what others have committed meanwhile; how far it came stands in shared memory. After
a crash it goes on from an older mark on disk, and every store passes over what it has already.
"""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neira.errors.disk import BadPath
from neira.errors.journal import JournalDamaged
from neira.host.effects import Effect
from neira.hub import standing
from neira.journal import record
from neira.journal.forward import Forward, Spot
from neira.model import NEVER, Mode, Outcome, Seq
from neira.shared import Word
from neira.state import copy, publications

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from neira.disk import Lock
    from neira.host.action import Action
    from neira.journal.journal import Journal
    from neira.journal.segment import Unit
    from neira.shared import SharedWords
    from neira.state.database import Database
    from neira.storage.context_writer import ContextWriter

RESULT = "event.result"
RECEIVED = "event.received"
DELETED = "context.deleted"
NO_EFFECTS = b'"effects":0,'  # in a result's own line, which holds no text of anybody
_VIOLATION = b'"outcome":"limit",'
_CAUSE = b'"cause":'
_BATCH = 500  # records in one transaction
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What the applier writes to."""

    database: Database
    context: ContextWriter
    actions: Mapping[str, Action]
    log: Callable[[Effect], None]
    refused: Callable[[Effect, BadPath], None]


class _Stores:
    """The stores during one batch; the database joins in when the first effect needs it."""

    def __init__(self, parts: Parts, until_done: ExitStack) -> None:
        self.context = parts.context
        self.log = parts.log
        self.seq = NEVER
        self.is_struck = False  # whether anything stands against any plugin
        self._database = parts.database
        self._until_done = until_done
        self._db: sqlite3.Connection | None = None
        self._mark = NEVER

    @property
    def has_written(self) -> bool:
        return self._db is not None

    def once(self) -> sqlite3.Connection | None:
        if self._db is None:
            self._db = self._until_done.enter_context(self._database.writing())
            self._mark = self._database.mark().applied
        return self._db if self.seq > self._mark else None

    def finish(self) -> None:
        if self._db is not None:
            self._db.execute("UPDATE mark SET applied = max(applied, ?)", (self.seq,))


class Applier:
    """Brings the stores up to the journal."""

    def __init__(
        self, home: Path, parts: Parts, journal: Journal, words: SharedWords, *, lock: Lock, boot: str
    ) -> None:
        self._parts = parts
        self._journal = journal
        self._words = words
        self._lock = lock
        self._turn = threading.Lock()
        self._forward = Forward(home)
        self._boot = boot  # of the machine: what shared memory said before it is worth nothing
        self._begin()

    def upto(self, seq: Seq) -> None:
        """Return when all effects up to a record are in the stores."""
        while self._words[Word.APPLIED] < seq:
            with self._turn:  # a thread that has waited here mostly finds its work done
                self._try(seq)

    def _try(self, seq: Seq) -> None:
        if self._words[Word.APPLIED] >= seq:
            return
        with self._lock.held(_PATIENCE):
            if self._words[Word.APPLIED] < seq:
                self._advance(Seq(max(seq, self._journal.known)))

    def catch_up(self) -> None:
        """Apply whatever is committed."""
        self.upto(self._journal.tail()[0])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the stores while something else than the journal changes them; all of it is applied before."""
        self.catch_up()
        with self._lock.held(_PATIENCE):
            yield

    def settle(self) -> None:
        """Make everything that is applied certain on disk, so that a crash need not repeat it."""
        if self._parts.database.mark().settled >= self._words[Word.APPLIED]:
            return
        applied = Seq(self._words[Word.APPLIED])
        self._parts.context.settle()  # takes as long as the disk does; nobody waits for it
        self._parts.database.settle(applied, self._boot)

    def close(self) -> None:
        """Let go of the journal's file."""
        self._forward.close()

    def _begin(self) -> None:
        """Start over from the mark on disk if the machine has been started since."""
        with self._lock.held(_PATIENCE):
            mark = self._parts.database.mark()
            tail, _ = self._journal.tail()
            if mark.boot != self._boot or self._words[Word.APPLIED] > tail:
                begin = self._restored(mark.settled)
                self._step_to(begin, Spot())
                self._parts.database.settle(begin, self._boot)
            self._note_strikes()

    def _restored(self, settled: Seq) -> Seq:
        """Begin with what an archive has kept, where the records before it may be gone."""
        base = self._journal.base()
        if settled > base or base == NEVER:
            return settled
        told = self._journal.get(Seq(base + 1))
        payload = told.payload if isinstance(told.payload, dict) else {}
        stores = payload.get("stores")
        with self._parts.database.writing() as db:
            if isinstance(stores, dict):
                copy.from_json(db, stores, told.seq)
            db.execute("UPDATE mark SET applied = max(applied, ?)", (told.seq,))
        return told.seq

    def _advance(self, committed: Seq) -> None:
        """Apply one batch, in one transaction."""
        applied = Seq(self._words[Word.APPLIED])
        spot = Spot(self._words[Word.APPLIED_SEGMENT], self._words[Word.APPLIED_OFFSET])
        upto = Seq(min(committed, applied + _BATCH))
        try:
            wanted, spot = self._read(spot, applied, upto)
        except JournalDamaged:  # whoever died while it stepped on has left a place that does not fit
            wanted, spot = self._read(Spot(), applied, upto)
        if wanted:
            self._apply(wanted)
        self._step_to(upto, spot)

    def _read(self, spot: Spot, applied: Seq, upto: Seq) -> tuple[list[Unit], Spot]:
        """Read what a batch has to apply, and where the next one begins: all of it, or it is damage."""
        wanted: list[Unit] = []
        reached = applied
        is_struck = self._words[Word.STRIKES] != 0
        for unit, behind in self._forward.units(spot, applied, upto):
            spot, reached = behind, Seq(reached + 1)
            is_struck = is_struck or _VIOLATION in unit.line  # what goes well after it ends the row
            if _concerns(unit.line, is_struck=is_struck):
                wanted.append(unit)
        if reached < upto:
            raise JournalDamaged("missing", Seq(reached + 1), "it is not where reading goes on")
        return wanted, spot

    def _apply(self, units: Iterable[Unit]) -> None:
        with ExitStack() as open_until_done:
            stores = _Stores(self._parts, open_until_done)
            stores.is_struck = self._words[Word.STRIKES] != 0
            for unit in units:
                stores.seq = Seq(record.seq_of(unit.line) or 0)
                self._one(unit, stores)
            stores.finish()
        if stores.has_written:
            self._note_strikes()

    def _one(self, unit: Unit, stores: _Stores) -> None:
        found: dict[str, Any] = json.loads(unit.line)
        data: dict[str, Any] = found["data"]
        if found["kind"] == RESULT:
            self._result(found, unit, stores)
        elif found["kind"] == DELETED:
            stores.context.remove(data["chat_id"], data["session_id"], data.get("item"))
        elif db := stores.once():
            if found["kind"] == RECEIVED:
                publications.taken_up(db, data["cause"]["seq"], data["cause"]["number"])
            else:
                standing.change(db, found)

    def _result(self, found: dict[str, Any], unit: Unit, stores: _Stores) -> None:
        data = found["data"]
        stores.is_struck = stores.is_struck or data["outcome"] == Outcome.LIMIT
        if stores.is_struck and (db := stores.once()):
            standing.result(db, found)
        if data["mode"] != Mode.LIVE:
            return
        payload = _payload(unit)
        for number, each in enumerate(payload.get("actions", ())):
            effect = effect_of(found, payload, number, each["params"])
            try:
                self._parts.actions[each["action"]].apply(effect, stores)
            except BadPath as trouble:  # somebody has put a link there; it must not hold up everybody
                self._parts.refused(effect, trouble)

    def _step_to(self, seq: Seq, spot: Spot) -> None:
        self._words[Word.APPLIED_SEGMENT], self._words[Word.APPLIED_OFFSET] = spot.number, spot.offset
        self._words[Word.APPLIED] = seq

    def _note_strikes(self) -> None:
        self._words[Word.STRIKES] = standing.anything(self._parts.database.reading())


def _concerns(line: bytes, *, is_struck: bool) -> bool:
    """Tell whether a record has effects on the stores, without parsing it."""
    kind = record.kind_of(line)
    if kind == RESULT:
        return is_struck or NO_EFFECTS not in line
    if kind == RECEIVED:
        return _CAUSE in line
    return kind == DELETED or kind.startswith(standing.KINDS)


def _payload(unit: Unit) -> dict[str, Any]:
    """Read what a result carried; one that was forgotten carries nothing."""
    if unit.payload is None:
        return {}
    found: dict[str, Any] = json.loads(unit.payload).get("payload") or {}
    return found


def effect_of(found: Mapping[str, Any], payload: Mapping[str, Any], number: int, params: Any) -> Effect:
    """Take one action out of a result, as the line and the payload tell it."""
    data = found["data"]
    return Effect(
        seq=Seq(found["seq"]),
        number=number,
        ts=found["ts"],
        event_id=data["event_id"],
        plugin=data["plugin"],
        version=data["version"],
        actor=found["actor"],
        context=payload.get("context", {}),
        params=params,
        cause=data.get("chain", {}),
    )
