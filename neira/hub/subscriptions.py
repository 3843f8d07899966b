"""Who hears which event: an index over the enabled plugins, made anew when the registry has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.model import Allowed, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neira.hub.generation import Generations
    from neira.registry.snapshot import Plugin, Snapshot


@dataclass(frozen=True, slots=True)
class _Index:
    """The enabled plugins by what they hear."""

    snapshot: Snapshot
    exact: Mapping[str, Sequence[Plugin]]
    patterns: Sequence[tuple[str, Plugin]]


class Subscriptions:
    """The subscribers of one process's world."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._index: _Index | None = None

    def of(self, event: str, plugins: Snapshot) -> tuple[Plugin, ...]:
        """List who hears an event, by id."""
        index = self._index
        if index is None or index.snapshot is not plugins:
            index = self._index = _indexed(plugins)
        found = {each.id: each for each in index.exact.get(event, ()) if self._may_hear(each, event)}
        for pattern, plugin in index.patterns:
            if plugin.id not in found and hears(pattern, event) and self._may_hear(plugin, pattern):
                found[plugin.id] = plugin
        return tuple(found[name] for name in sorted(found))

    def _may_hear(self, plugin: Plugin, pattern: str) -> bool:
        """Tell whether a plugin may hear this: what lies below its own id, or what it was granted."""
        if pattern == plugin.id or pattern.startswith((f"{plugin.id}.", f"{plugin.id}:")):
            return True
        powers = self._generations.powers(plugin)
        return isinstance(powers.decide(f"events:subscribe:{pattern}", Scope.READ), Allowed)


def _indexed(plugins: Snapshot) -> _Index:
    exact: dict[str, list[Plugin]] = {}
    patterns: list[tuple[str, Plugin]] = []
    for plugin in plugins.enabled():
        for pattern in plugin.manifest.events:
            if "*" in pattern:
                patterns.append((pattern, plugin))
            else:
                exact.setdefault(pattern, []).append(plugin)
    return _Index(plugins, exact, patterns)


def hears(pattern: str, event: str) -> bool:
    """Tell whether a pattern covers an event: `*` is one segment, a trailing `.*` one or more."""
    wanted, said = _segments(pattern), _segments(event)
    if wanted[-1] == "*" and len(wanted) > 1:
        return len(said) >= len(wanted) and _alike(wanted[:-1], said)
    return len(wanted) == len(said) and _alike(wanted, said)


def _alike(wanted: list[str], said: list[str]) -> bool:
    return all(part in ("*", word) for part, word in zip(wanted, said, strict=False))


def _segments(name: str) -> list[str]:
    return name.replace(":", ".").split(".")
