"""What is live of a plugin: code, settings, budget and powers together, published at once with the world.

A run takes one generation and keeps it to its end, whatever is switched meanwhile.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.code import NoEngine
from neira.hub.powers import powers_of
from neira.limits import allot
from neira.model import GateState
from neira.world.guards import gate_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.gates.board import Board
    from neira.hub.powers import Powers
    from neira.model import Budget, Kind, PluginId, Seq
    from neira.permissions.trust import Trust
    from neira.ports import Engine, Program
    from neira.registry.artifacts import ArtifactStore
    from neira.registry.snapshot import Plugin, Version
    from neira.settings import ScriptSettings

_PROGRAMS = 512  # loaded at once; each script holds some 60 KB


@dataclass(frozen=True, slots=True)
class Generation:
    """One plugin, ready to run."""

    plugin: Plugin
    program: Program
    powers: Powers
    budget: Budget
    engine: str
    gates_seq: Seq  # the budget depends on how far the gate is open

    def defines(self, function: str) -> bool:
        """Tell whether the code has a function."""
        return function in self.program.functions


def is_on_trial(kind: Kind, gates: Board) -> bool:
    """Tell whether plugins of a kind run under the ceilings of an experiment."""
    return gates.state(gate_of(kind)) is GateState.EXPERIMENTAL


class Generations:
    """The generations of one process, made when somebody first needs them."""

    def __init__(
        self,
        engines: Mapping[Kind, Engine],
        store: ArtifactStore,
        *,
        limits: ScriptSettings,
        trust: Trust,
        platform: str,
    ) -> None:
        self.engines = engines
        self._store = store
        self._limits = limits
        self._trust = trust
        self._platform = platform
        self._live: dict[PluginId, Generation] = {}
        self._programs: OrderedDict[tuple[Kind, str, Budget], Program] = OrderedDict()
        self._guard = threading.Lock()

    def of(self, plugin: Plugin, gates: Board) -> Generation:
        """Give what is live of a plugin, as the world that it comes from has it."""
        found = self._live.get(plugin.id)
        if found is None or found.plugin is not plugin or found.gates_seq != gates.seq:
            found = self._live[plugin.id] = self.foreseen(plugin, gates)
        return found

    def foreseen(self, plugin: Plugin, gates: Board) -> Generation:
        """Make a generation that nobody has published: a version that is tried before it goes live."""
        kind = plugin.manifest.kind
        budget = allot(plugin.live.canonical, self._limits, on_trial=is_on_trial(kind, gates)).budget
        program = self._program(plugin.live, kind, budget)
        version = self.engines[kind].version
        return Generation(plugin, program, self.powers(plugin), budget, version, gates.seq)

    def powers(self, plugin: Plugin) -> Powers:
        """Say what a plugin may do, without loading its code."""
        return powers_of(plugin, self._trust, self._platform)

    def load(self, artifact: bytes, *, kind: Kind, name: str, budget: Budget) -> Program:
        """Read code that is not stored yet."""
        engine = self.engines.get(kind)
        if engine is None:
            raise NoEngine(kind)
        return engine.load(artifact, name=name, budget=budget)

    def _program(self, version: Version, kind: Kind, budget: Budget) -> Program:
        key = (kind, version.digest, budget)
        with self._guard:
            known = self._programs.get(key)
            if known is not None:
                self._programs.move_to_end(key)
                return known
        name = str(version.canonical.get("entry") or version.canonical["id"]).rpartition("/")[2]
        loaded = self.load(self._store.get(version.digest), kind=kind, name=name, budget=budget)
        with self._guard:
            self._programs[key] = loaded
            while len(self._programs) > _PROGRAMS:
                self._programs.popitem(last=False)
        return loaded
