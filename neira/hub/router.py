"""Whom an event concerns: its own tool first, then those that subscribed, by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors.change import UnknownEvent
from neira.errors.input import InvalidParams
from neira.model import PluginState
from neira.parse.near import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.parse.event import EventForm
    from neira.registry.snapshot import Plugin, Snapshot


def tool_of(form: EventForm, plugins: Snapshot) -> Plugin | None:
    """Find the enabled plugin that an event names."""
    plugin = plugins.plugins.get(form.tool_id)
    if plugin is None or plugin.state is not PluginState.ENABLED or not plugin.manifest.ui_events:
        return None
    return plugin


def check(form: EventForm, tool: Plugin) -> None:
    """Refuse an event that the tool does not declare, and params that its schema refuses."""
    schema = tool.manifest.ui_events.get(form.event, ...)
    if schema is ...:
        raise UnknownEvent(tool.id, form.event, nearest(form.event, tool.manifest.ui_events))
    problems = schema.problems(form.params) if schema is not None else ()
    if problems:
        raise InvalidParams(problems)


def receivers(form: EventForm, tool: Plugin, plugins: Snapshot) -> tuple[Plugin, ...]:
    """List who hears an event, in the order in which they run."""
    return (tool, *(other for other in _subscribers(form.event, plugins) if other.id != tool.id))


def _subscribers(event: str, plugins: Snapshot) -> Iterator[Plugin]:
    for plugin in plugins.enabled():
        if any(hears(pattern, event) for pattern in plugin.manifest.events):
            yield plugin


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
