"""Small real parts that chores work with: plugins that write down what they are told, a log in memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.model import Json, PluginId


class ListLog:
    """A log in memory."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def info(self, event: str, **facts: Any) -> None:
        """Keep a line."""
        self.lines.append(("info", event, facts))

    def warning(self, event: str, **facts: Any) -> None:
        """Keep a line."""
        self.lines.append(("warning", event, facts))

    def error(self, event: str, **facts: Any) -> None:
        """Keep a line."""
        self.lines.append(("error", event, facts))


class ToldHooks:
    """Hooks of plugins that define what they are said to define, and remember every call."""

    def __init__(self, **listeners: Sequence[PluginId]) -> None:
        self.defined: dict[str, tuple[PluginId, ...]] = {k: tuple(v) for k, v in listeners.items()}
        self.told: list[tuple[str, tuple[Json, ...]]] = []
        self.called: list[tuple[PluginId, tuple[Json, ...]]] = []
        self.on_call: Callable[[PluginId], None] = lambda _: None
        self._guard = threading.Lock()

    def call(self, plugin: PluginId, function: str, arguments: Sequence[Json]) -> None:
        """Take one call to one plugin."""
        with self._guard:
            self.called.append((plugin, tuple(arguments)))
        self.on_call(plugin)

    def broadcast(self, function: str, arguments: Sequence[Json]) -> None:
        """Take one call to all."""
        self.told.append((function, tuple(arguments)))

    def listeners(self, function: str) -> tuple[PluginId, ...]:
        """Name who defines a function."""
        return self.defined.get(function, ())
