"""When each plugin ticks next: a heap of due times, without threads or a clock of its own."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.model import PluginId


@dataclass(slots=True)
class Beat:
    """One plugin's rhythm."""

    every: float  # seconds
    due: float
    last: float  # when it ticked last, or joined


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick whose time has come."""

    plugin: PluginId
    ms: int  # since the one before


class Rhythm:
    """Who ticks when; a tick that was missed is left out, and never two of one plugin run at once."""

    def __init__(self) -> None:
        self._beats: dict[PluginId, Beat] = {}
        self._heap: list[tuple[float, PluginId]] = []
        self._running: set[PluginId] = set()  # also those that have left meanwhile

    def adopt(self, wanted: Mapping[PluginId, float], now: float) -> None:
        """Take over who ticks from now on, and every how many seconds; others keep their time."""
        self._beats = {plugin: self._beat(plugin, every, now) for plugin, every in wanted.items()}
        self._heap = [(beat.due, plugin) for plugin, beat in self._beats.items()]
        heapq.heapify(self._heap)

    def take(self, now: float, most: int) -> list[Tick]:
        """Begin ticks that are due, those that have waited longest first."""
        taken: list[Tick] = []
        while len(taken) < most and self._heap and self._heap[0][0] <= now:
            _, plugin = self._heap[0]
            beat = self._beats[plugin]
            beat.due += beat.every * ((now - beat.due) // beat.every + 1)
            beat.due = max(beat.due, now + beat.every / 2)  # rounding must not make two ticks of one
            heapq.heapreplace(self._heap, (beat.due, plugin))
            if plugin not in self._running:
                taken.append(Tick(plugin, round((now - beat.last) * 1000)))
                self._running.add(plugin)
                beat.last = now
        return taken

    def done(self, plugin: PluginId, *, not_before: float = 0.0) -> None:
        """Note that a tick has ended; the next one comes no earlier than said."""
        self._running.discard(plugin)
        beat = self._beats.get(plugin)
        if beat is not None and beat.due < not_before:
            beat.due = not_before
            self._heap = [(each.due, name) for name, each in self._beats.items()]
            heapq.heapify(self._heap)

    def next_due(self) -> float | None:
        """Say when the next tick is due."""
        return self._heap[0][0] if self._heap else None

    def __len__(self) -> int:
        return len(self._beats)

    def _beat(self, plugin: PluginId, every: float, now: float) -> Beat:
        known = self._beats.get(plugin)
        if known is None:
            return Beat(every, now + every, now)
        if known.every != every:
            known.every, known.due = every, min(known.due, now + every)
        return known
