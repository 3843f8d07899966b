"""Tell plugins when the machine runs short of memory, and when that is over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neira.keeper.chore import Chore

if TYPE_CHECKING:
    from neira.keeper.needs import Hooks, Log
    from neira.model import JsonObject

FUNCTION = "on_memory_pressure"
EVERY = 2.0  # seconds
NORMAL, HIGH, CRITICAL = 0, 1, 2

_PSI = re.compile(r"^(some|full) avg10=([0-9.]+)", re.MULTILINE)
_MEMORY = re.compile(r"^(MemTotal|MemAvailable): +([0-9]+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Strain:
    """How the memory stands: percent of time that somebody, or everybody, waits for it; what is left."""

    some: float = 0.0
    full: float = 0.0
    left: float = 1.0  # of all


@dataclass(frozen=True, slots=True)
class _Bounds:
    some: float
    full: float
    left: float

    def passed_by(self, strain: Strain) -> bool:
        return strain.some >= self.some or strain.full >= self.full or strain.left <= self.left


# a level is entered at the first bounds and left only behind the second: no flapping between the two
_ENTER = {HIGH: _Bounds(20.0, 5.0, 0.10), CRITICAL: _Bounds(60.0, 20.0, 0.04)}
_STAY = {HIGH: _Bounds(10.0, 2.0, 0.15), CRITICAL: _Bounds(30.0, 10.0, 0.07)}


class Pressure(Chore):
    """Look at the kernel's own measure of waiting for memory, and at how much is left."""

    name = "pressure"

    def __init__(self, hooks: Hooks, log: Log, proc: Path = Path("/proc")) -> None:
        self._hooks = hooks
        self._log = log
        self._proc = proc
        self._level = NORMAL

    def turn(self) -> float:
        """Tell every plugin that wants to know, if the level is another one."""
        now = level(strain(self._proc), self._level)
        if now != self._level:
            self._level = now
            self._log.info("memory pressure", level=now)
            self._hooks.broadcast(FUNCTION, [now])
        return EVERY

    def facts(self) -> JsonObject:
        """Tell the level."""
        return {"level": self._level}


def level(strain: Strain, before: int) -> int:
    """Say how short the memory is, given what was said before."""
    for each in (CRITICAL, HIGH):
        bounds = _STAY if before >= each else _ENTER
        if bounds[each].passed_by(strain):
            return each
    return NORMAL


def strain(proc: Path) -> Strain:
    """Read how the memory stands; what the system does not tell counts as well."""
    waits = {name: float(share) for name, share in _PSI.findall(_text(proc / "pressure" / "memory"))}
    sizes = {name: int(kb) for name, kb in _MEMORY.findall(_text(proc / "meminfo"))}
    total = sizes.get("MemTotal", 0)
    left = sizes["MemAvailable"] / total if total and "MemAvailable" in sizes else 1.0
    return Strain(waits.get("some", 0.0), waits.get("full", 0.0), left)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
