"""How far an event may go, known before anything runs: the lowest of the door and the receiver's own gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.gates.passage import passage
from neira.model import Mode
from neira.world.guards import DOOR, gate_of

if TYPE_CHECKING:
    from neira.model import GateName, JsonObject
    from neira.registry.snapshot import Plugin
    from neira.world.world import World

UNKNOWN_TOOL = "unknown_tool"
DISABLED = "capability_disabled"
NO_ENGINE = "no_engine"


@dataclass(frozen=True, slots=True)
class Passage:
    """The mode of one run, and what lowered it."""

    mode: Mode
    reason: str
    capability: GateName | None = None

    def as_json(self) -> JsonObject:
        """Show it as results and answers do."""
        shown: dict[str, str] = {"mode": self.mode, "reason": self.reason}
        if self.capability:
            shown["capability"] = self.capability
        return shown


def of_door(world: World) -> Passage | None:
    """Say what the event door itself lowers; `None` when it is open."""
    if passage(world.gates.state(DOOR)) is Mode.DRY_RUN:
        return Passage(Mode.DRY_RUN, DISABLED, DOOR)
    return None


def of_plugin(plugin: Plugin, world: World) -> Passage:
    """Say how a plugin's run may pass; while no engine is built in, as a dry run at best."""
    gate = gate_of(plugin.manifest.kind)
    if door := of_door(world):
        return door
    if passage(world.gates.state(gate)) is Mode.DRY_RUN:
        return Passage(Mode.DRY_RUN, DISABLED, gate)
    return Passage(Mode.DRY_RUN, NO_ENGINE)
