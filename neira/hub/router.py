"""Whom an event from the user interface concerns: its own tool first, then those that subscribed, by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors.change import UnknownEvent
from neira.errors.input import InvalidParams
from neira.model import PluginState
from neira.parse.near import nearest

if TYPE_CHECKING:
    from neira.hub.subscriptions import Subscriptions
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


def receivers(form: EventForm, tool: Plugin, heard: Subscriptions, plugins: Snapshot) -> tuple[Plugin, ...]:
    """List who hears an event, in the order in which they run."""
    return (tool, *(other for other in heard.of(form.event, plugins) if other.id != tool.id))
