"""What a frontend may draw: the ui blocks of enabled plugins, and a tag that changes when they do."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from neira.hub.passages import of_door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.model import Caller, JsonObject
    from neira.registry.snapshot import Plugin
    from neira.world.world import World


def tools(world: World, caller: Caller) -> Iterator[JsonObject]:
    """List the tools that a caller may see, by id; none while the door's gate is closed."""
    if of_door(world) is None:
        for plugin in world.plugins.tools():
            if caller.may_touch(plugin.id):
                yield view(plugin)


def view(plugin: Plugin) -> JsonObject:
    """Show one tool as a frontend draws it."""
    return {"id": plugin.id, "version": str(plugin.live.version), **plugin.manifest.ui_view()}


def etag(world: World, caller: Caller) -> str:
    """Tag the list that a caller sees: it changes with plugins, gates, scope and namespace alone."""
    facts = f"{world.plugins.seq} {world.gates.seq} {caller.scope} {caller.namespace}"
    return hashlib.sha256(facts.encode()).hexdigest()[:20]
