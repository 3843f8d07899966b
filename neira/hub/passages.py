"""How far an event may go, known before anything runs: the lowest of what was asked, the door, the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.gates.passage import passage
from neira.model import Mode
from neira.world.guards import DOOR, gate_of

if TYPE_CHECKING:
    from collections.abc import Container

    from neira.model import GateName, JsonObject, Kind
    from neira.registry.snapshot import Plugin
    from neira.world.world import World

UNKNOWN_TOOL = "unknown_tool"
DISABLED = "capability_disabled"
NO_ENGINE = "no_engine"
REQUESTED = "requested"


@dataclass(frozen=True, slots=True)
class Passage:
    """The mode of one run, and what lowered it, if anything did."""

    mode: Mode
    reason: str | None = None
    capability: GateName | None = None

    def as_json(self) -> JsonObject:
        """Show it as results and answers do."""
        shown: dict[str, str] = {"mode": self.mode}
        if self.reason:
            shown["reason"] = self.reason
        if self.capability:
            shown["capability"] = self.capability
        return shown


def of_door(world: World) -> Passage | None:
    """Say what the event door itself lowers; `None` when it is open."""
    if passage(world.gates.state(DOOR)) is Mode.DRY_RUN:
        return Passage(Mode.DRY_RUN, DISABLED, DOOR)
    return None


def of_plugin(plugin: Plugin, world: World, asked: Mode, engines: Container[Kind]) -> Passage:
    """Say how a plugin's run may pass."""
    kind = plugin.manifest.kind
    gate = gate_of(kind)
    if door := of_door(world):
        return door
    if passage(world.gates.state(gate)) is Mode.DRY_RUN:
        return Passage(Mode.DRY_RUN, DISABLED, gate)
    if kind not in engines:
        return Passage(Mode.DRY_RUN, NO_ENGINE)
    return Passage(asked, None if asked is Mode.LIVE else REQUESTED)
