"""What the keeper asks of the kernel's parts, as protocols: a test gives a chore small parts of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import Json, PluginId


class Log(Protocol):
    """Where a chore says what it did."""

    def info(self, event: str, **facts: Any) -> Any:
        """Tell something that is as it should be."""
        ...

    def warning(self, event: str, **facts: Any) -> Any:
        """Tell something that somebody should look at."""
        ...

    def error(self, event: str, **facts: Any) -> Any:
        """Tell a fault of ours."""
        ...


class Hooks(Protocol):
    """Plugins, as far as they are told what happens around them."""

    def call(self, plugin: PluginId, function: str, arguments: Sequence[Json], /) -> object:
        """Call one hook of one plugin, as the plugin itself."""
        ...

    def broadcast(self, function: str, arguments: Sequence[Json], /) -> object:
        """Call a hook of every enabled plugin that defines it."""
        ...

    def listeners(self, function: str, /) -> tuple[PluginId, ...]:
        """Name the enabled plugins that define a hook and may be told what it tells."""
        ...
