"""Tell plugins which processes begin and end on this machine, while a plugin listens that may know it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from neira.keeper.chore import Chore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.keeper.audience import Audience
    from neira.keeper.needs import Hooks
    from neira.model import JsonObject

LAUNCH, EXIT = "on_process_launch", "on_process_exit"
MOST_A_SECOND = 100  # calls; what comes beyond is counted and dropped
_START_FIELD = 19  # of /proc/PID/stat, counted behind the name


class Process(NamedTuple):
    """One process: its number alone is used again, and its name changes when it runs another program."""

    pid: int
    started: str


class Processes(Chore):
    """Compare the list of processes with the one before."""

    name = "processes"

    def __init__(
        self, hooks: Hooks, audiences: Mapping[str, Audience], every: float, proc: Path = Path("/proc")
    ) -> None:
        self._hooks = hooks
        self._audiences = audiences
        self._every = every
        self._proc = proc
        self._known: Mapping[Process, str] | None = None
        self._dropped = 0

    def turn(self) -> float:
        """Tell what is new and what is gone since the last turn; nothing while nobody listens."""
        wanted = [word for word, audience in self._audiences.items() if _is_heard(audience)]
        if not wanted:
            self._known = None
            return self._every
        before, self._known = self._known, running(self._proc)
        if before is not None:
            self._tell(wanted, before, self._known)
        return self._every

    def facts(self) -> JsonObject:
        """Tell whether somebody listens, and how much was dropped."""
        return {"listening": self._known is not None, "dropped": self._dropped}

    def _tell(self, wanted: list[str], before: Mapping[Process, str], now: Mapping[Process, str]) -> None:
        ended = [(EXIT, before[each], each.pid) for each in sorted(before.keys() - now.keys())]
        began = [(LAUNCH, now[each], each.pid) for each in sorted(now.keys() - before.keys())]
        calls = [call for call in ended + began if call[0] in wanted]
        most = max(1, int(MOST_A_SECOND * self._every))
        self._dropped += len(calls[most:])
        for word, name, pid in calls[:most]:
            self._hooks.broadcast(word, [name, pid])


def _is_heard(audience: Audience) -> bool:
    audience.renew()
    return bool(audience.listeners())


def running(proc: Path) -> Mapping[Process, str]:
    """List the processes with their names; one that ends meanwhile is left out."""
    found = (_process(each) for each in proc.iterdir() if each.name.isdigit())
    return dict(each for each in found if each is not None)


def _process(folder: Path) -> tuple[Process, str] | None:
    try:
        text = (folder / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    head, _, rest = text.rpartition(")")
    fields = rest.split()
    if len(fields) <= _START_FIELD:
        return None
    return Process(int(folder.name), fields[_START_FIELD]), head.partition("(")[2]
