"""Lines that plugins log, on their way to the log of the process: so many a second of each, no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.host.effects import Effect
    from neira.ports import Clock

LINES = 100  # a second, of one plugin
_PLUGINS = 10_000  # counted at once


class PluginLog:
    """Passes lines on to whoever listens; a process that shows no log has nobody who does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, int]] = {}  # by plugin: which second, how many lines in it
        self.listener: Callable[[str, str, str], None] | None = None  # level, plugin, message

    def __call__(self, effect: Effect) -> None:
        """Take one committed line."""
        if self.listener is None:
            return
        second = int(self._clock.monotonic())
        known, count = self._counts.get(effect.plugin, (second, 0))
        count = count + 1 if known == second else 1
        if len(self._counts) > _PLUGINS:
            self._counts.clear()
        self._counts[effect.plugin] = (second, count)
        if count <= LINES:
            self.listener(str(effect.params["level"]), effect.plugin, str(effect.params["message"]))
        elif count == LINES + 1:
            self.listener(
                "warn", effect.plugin, f"more than {LINES} lines a second: the rest is in the journal"
            )
