"""What a host function may know and look at while a plugin runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.model import Json, JsonObject, PluginId
    from neira.settings import ValueSettings


class ValueReader(Protocol):
    """The plugin's own stored values, as they are certain to be now."""

    def get(self, plugin: PluginId, key: str) -> tuple[Json, int]:
        """Read a value, and the token that says whether it is still the same later."""
        ...

    def size(self, plugin: PluginId, key: str) -> int | None:
        """Say how many bytes a key takes; none if it is not there."""
        ...

    def use(self, plugin: PluginId) -> tuple[int, int]:
        """Say how many keys and bytes a plugin has stored."""
        ...

    def slot(self, plugin: PluginId, key: str) -> int:
        """Name the place at which writers of this key meet."""
        ...


GONE = object()  # stands for a key that this run has deleted


@dataclass(slots=True, kw_only=True)
class Situation:
    """One run: who runs, on what, and what it has read and left so far."""

    plugin: PluginId
    version: str
    config: JsonObject
    context: JsonObject
    values: ValueReader
    quota: ValueSettings
    check_config: Callable[[JsonObject], None]
    changed: dict[str, Json] = field(default_factory=dict)  # settings as this run has left them
    left: dict[str, object] = field(default_factory=dict)  # values as this run has left them
    sizes: dict[str, int | None] = field(default_factory=dict)  # and their bytes; none: not there
    more_keys: int = 0  # what this run adds to its use of the quota
    more_bytes: int = 0
    seen: dict[int, int] = field(default_factory=dict)  # slot: token; what the commit checks again

    def value(self, key: str) -> Json:
        """Read a value, this run's own writes first."""
        if key in self.left:
            held = self.left[key]
            return None if held is GONE else cast("Json", held)
        value, token = self.values.get(self.plugin, key)
        self.seen.setdefault(self.values.slot(self.plugin, key), token)
        return value

    def size(self, key: str) -> int | None:
        """Say how many bytes a key takes, this run's own writes first; none if it is not there."""
        return self.sizes[key] if key in self.sizes else self.values.size(self.plugin, key)

    def leave(self, key: str, value: object, size: int | None) -> None:
        """Remember what this run makes of a key."""
        before = self.size(key)
        self.more_keys += (size is not None) - (before is not None)
        self.more_bytes += (size or 0) - (before or 0)
        self.left[key], self.sizes[key] = value, size
