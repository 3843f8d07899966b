"""Every plugin at one number of the journal (stand-in until the registry is whole)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neira.model import NEVER, PluginState, Seq

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Plugin:
    id: Any
    live: Any
    state: PluginState
    seq: Seq
    manifest: Any


@dataclass(frozen=True, slots=True)
class Snapshot:
    seq: Seq = NEVER
    plugins: Mapping[Any, Plugin] = field(default_factory=dict)

    def get(self, plugin: Any) -> Plugin:
        return self.plugins[plugin]

    def enabled(self) -> Iterator[Plugin]:
        return (plugin for plugin in self.plugins.values() if plugin.state is PluginState.ENABLED)

    def tools(self) -> Iterator[Plugin]:
        return self.enabled()

    def entry_digest(self, path: str) -> Any:
        return None
