"""After a process has died: what it had begun is said to be interrupted, what it had published goes on.

Whoever finds a dead process does this, at its own start or now and then. Nothing is run again: a run that was
cut off has left nothing, and its sender has had no answer.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neira.errors import NeiraError
from neira.errors.disk import Busy
from neira.hub import running
from neira.hub.applier import RECEIVED, RESULT
from neira.model import ChangeNote, Draft, Outcome, Seq
from neira.state import publications

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from neira.disk import Lock
    from neira.hub.delivery import Delivery
    from neira.model import Json, Record
    from neira.state.publications import Publication

DIED = "process.died"
ACTOR = "system:recovery"


@dataclass(frozen=True, slots=True)
class Death:
    """A process that was found dead, and the plugins that ran in it."""

    boot: str
    running: tuple[str, ...]
    interrupted: int  # events


@dataclass(frozen=True, slots=True)
class Recovery:
    """Looks after the dead of one home."""

    folder: Path
    delivery: Delivery
    lock: Lock
    on_death: Callable[[Death], None]

    def run(self) -> Sequence[Death]:
        """Finish what dead processes have left."""
        deaths = []
        for boot, path, fd in running.of_the_dead(self.folder):
            if boot == self.delivery.board.boot:
                continue
            death = self._bury(boot, path, fd)
            running.bury(path)
            if death is not None:
                deaths.append(death)
                self.on_death(death)
        self._go_on()
        return deaths

    def _bury(self, boot: str, path: Path, fd: int) -> Death | None:
        left = list(running.read(path, fd))
        if not left:
            return None
        begun = [_read(each) for each in left if each.text]
        known = self._known(begun)
        drafts = [draft for each in begun for draft in each.unfinished(known)]
        ran = tuple(sorted({each.running for each in begun if each.running}))
        data: dict[str, Json] = {"boot": boot, "running": list(ran), "events": len(left)}
        note = ChangeNote(f"a process died while it ran {', '.join(ran) or 'nothing'}", verify="neira doctor")
        self.delivery.stage.journal.append(*drafts, Draft(DIED, ACTOR, note, "process-died", data))
        return Death(boot, ran, len(left))

    def _known(self, begun: Sequence[_Begun]) -> dict[str, set[str]]:
        """Read which of these events came into the journal, and whose results."""
        self.delivery.stage.journal.flush()  # the last commit of the dead may be whole, and not signed yet
        found: dict[str, set[str]] = {}
        since = min((each.since for each in begun), default=0)
        wanted = {each.event for each in begun}
        for record in self.delivery.stage.journal.after(Seq(since), kinds=(RECEIVED, RESULT)):
            event = str(record.data["event_id"])
            if event in wanted:
                found.setdefault(event, set()).add(_who(record))
        return found

    def _go_on(self) -> None:
        """Take up what the dead had published: one process at a time, so that nothing is taken up twice."""
        if self._left():
            with suppress(Busy), self.lock.held():
                for boot in self._left():
                    self._follow(publications.of_boot(self.delivery.stage.database.reading(), boot))
                self.delivery.stage.journal.flush()  # what nobody hears is only noted

    def _left(self) -> Sequence[str]:
        """Name the dead who have published what nobody has taken up, as the journal has it now."""
        stage = self.delivery.stage
        try:
            stage.applier.catch_up()
        except (NeiraError, OSError) as error:
            stage.late(error)
            return ()
        boots = publications.boots(stage.database.reading())
        return [boot for boot in boots if not (self.folder / boot).exists()]

    def _follow(self, left: Sequence[Publication]) -> None:
        """Deliver what one process had left; the bound holds for each of the events that led to it."""
        for origin in dict.fromkeys(each.data["origin"] for each in left):
            self.delivery.follow([each for each in left if each.data["origin"] == origin])


@dataclass(frozen=True, slots=True)
class _Begun:
    """An event that a dead process had begun."""

    record: dict[str, Any]
    running: str
    since: int

    @property
    def event(self) -> str:
        return str(self.record["data"]["event_id"])

    def unfinished(self, known: dict[str, set[str]]) -> Iterable[Draft]:
        """Say what the journal lacks of it."""
        there = known.get(self.event, set())
        data = {key: value for key, value in self.record["data"].items() if key != "_"}
        if "" not in there:
            yield self._draft(RECEIVED, data, self.record["payload"])
        for plugin in data["receivers"]:
            if plugin not in there:
                told = {
                    "event_id": self.event,
                    "plugin": plugin,
                    "mode": data["mode"],
                    "reason": "interrupted",
                    "outcome": Outcome.NOT_RUN,
                    "effects": 0,
                    "was_running": plugin == self.running,
                }
                yield self._draft(RESULT, told, {"context": self.record["payload"]["context"]})

    def _draft(self, kind: str, data: dict[str, Json], payload: Json) -> Draft:
        said = self.record["change"]
        what = said["what"] if kind == RECEIVED else f"{data['plugin']}: interrupted, its process died"
        return Draft(kind, self.record["actor"], ChangeNote(what), self.record["slug"], data, payload=payload)


def _read(left: running.Left) -> _Begun:
    record: dict[str, Any] = json.loads(left.text)
    receivers = record["data"]["receivers"]
    who = receivers[left.running - 1] if 0 < left.running <= len(receivers) else ""
    return _Begun(record, who, left.since)


def _who(record: Record) -> str:
    return "" if record.kind == RECEIVED else str(record.data["plugin"])
