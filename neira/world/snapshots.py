"""The whole world as one JSON value: what an archive leaves behind, so that later folds can begin there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from neira.gates import state_file
from neira.registry import index_file
from neira.security import token_file
from neira.world.world import World

if TYPE_CHECKING:
    from neira.gates.catalogue import Catalogue
    from neira.model import JsonObject, Record


def to_json(world: World) -> JsonObject:
    """Write the world down."""
    plugins = world.plugins.plugins
    return {
        "plugins": {plugin: index_file.as_json(plugins[plugin]) for plugin in world.plugins.ids},
        "retired": {plugin: dict(seen) for plugin, seen in world.plugins.retired.items()},
        "gates": state_file.as_json(world.gates),
        "tokens": token_file.as_json(world.tokens),
    }


def from_json(record: Record, catalogue: Catalogue) -> World:
    """Read a world from the record that holds it."""
    body = cast("JsonObject", record.payload)
    return World(
        gates=state_file.board_of(cast("JsonObject", body["gates"]), record.seq, catalogue),
        seq=record.seq,
        head=record.hash,
        plugins=index_file.snapshot_of(body, record.seq),
        tokens=token_file.tokens_of(body, record.seq),
    )
