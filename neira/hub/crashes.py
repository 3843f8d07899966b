"""Plugins that keep the system from serving: after three deaths of processes in a minute, the brake."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from neira.gates.safe_mode import Reason
from neira.hub.applier import RESULT
from neira.hub.recovery import ACTOR, DIED
from neira.journal import query
from neira.model import ChangeNote, Draft, Outcome, Seq

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from neira.hub.recovery import Death
    from neira.journal.journal import Journal
    from neira.model import Json, JsonObject, Record
    from neira.registry.snapshot import Snapshot
    from neira.world.safety import Safety

DEATHS = 3
WITHIN = timedelta(seconds=60)
_LOOKED_AT = 2_000  # records, when failures are counted
_BAD = frozenset({Outcome.LIMIT, Outcome.TRAP, Outcome.ERROR, Outcome.BAD_OUTPUT})


def judge(home: Path, journal: Journal, safety: Safety, death: Death) -> None:
    """Brake if the same plugin ran in each of the last deaths and has had no result between."""
    deaths = _latest(home)
    if len(deaths) < DEATHS or deaths[0].ts - deaths[-1].ts > WITHIN:
        return
    common = set(death.running).intersection(*(_ran(each) for each in deaths))
    guilty = sorted(common - _answered(journal, deaths[-1].seq))
    if not guilty:
        return
    why = f"{DEATHS} processes died within a minute while {', '.join(guilty)} ran in them"
    safety.enter(Reason.CRASH, why)
    note = ChangeNote("safe mode was entered", why=why, verify="neira safe-mode status")
    data: dict[str, Json] = {"suspects": guilty, "after": {"enabled": True, "suspects": guilty}}
    journal.append(Draft("safe_mode.entered", ACTOR, note, "safe-mode-on", data))


def suspects(home: Path, journal: Journal, plugins: Snapshot) -> Sequence[JsonObject]:
    """Rank plugins by how likely they are the cause: last running, last changed, most failures."""
    deaths = _latest(home)
    running = Counter(plugin for each in deaths for plugin in _ran(each))
    tail = journal.tail()[0]
    failures: Counter[str] = Counter()
    for record in journal.after(Seq(max(0, tail - _LOOKED_AT)), kinds=(RESULT,)):
        if record.data["outcome"] in _BAD:
            failures[str(record.data["plugin"])] += 1
    named = [plugin for plugin in plugins.enabled() if plugin.id in running or plugin.id in failures]
    named.sort(key=lambda each: (-running[each.id], -each.seq, -failures[each.id], each.id))
    return [
        {
            "plugin": each.id,
            "running_at_deaths": running[each.id],
            "changed": each.seq,
            "failures": failures[each.id],
        }
        for each in named
    ]


def _latest(home: Path) -> Sequence[Record]:
    """Read the last deaths, newest first; one that was written down twice is one."""
    found = query.page(home, query.Filters(kind=DIED), cursor=None, limit=2 * DEATHS).records
    by_process = {str(each.data["boot"]): each for each in found}
    return list(by_process.values())[:DEATHS]


def _ran(death: Record) -> set[str]:
    return {str(each) for each in cast("Sequence[Json]", death.data["running"])}


def _answered(journal: Journal, since: Seq) -> set[str]:
    """Name the plugins that have had a result since a record, other than being interrupted."""
    found = journal.after(since, kinds=(RESULT,))
    return {str(each.data["plugin"]) for each in found if each.data["outcome"] != Outcome.NOT_RUN}
