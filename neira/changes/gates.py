"""Move a gate, by its name or by an owner's phrase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.changes.plan import Order, Plan, Unchanged
from neira.gates import changes, phrases, views
from neira.gates.gate import widens
from neira.gates.safe_mode import Order as Verb
from neira.gates.safe_mode import permit

if TYPE_CHECKING:
    from neira.changes.plan import Decision, Means
    from neira.model import GateName, GateState, JsonObject, Seq
    from neira.world.world import World


@dataclass(frozen=True, slots=True)
class SetGate(Order):
    """Bring a gate to a state."""

    gate: GateName
    state: GateState
    why: str = ""
    force: bool = False
    verb = Verb.CLOSE_GATE  # moving a gate is allowed in safe mode unless it opens: see `decide`

    def revision(self, world: World) -> Seq | None:
        """Say which record moved any gate last."""
        return world.gates.seq

    def decide(self, world: World, means: Means) -> Decision:
        """Check criteria, and safe mode where this gives power."""
        if widens(world.gates.state(self.gate), self.state):
            permit(means.safety.now(), Verb.OPEN_GATE)
        step = changes.set_state(
            world.gates,
            means.catalogue,
            self.gate,
            self.state,
            signals=means.signals(self.gate),
            actor="",
            why=self.why,
            force=self.force,
        )
        if isinstance(step, changes.Unchanged):
            return Unchanged(
                f"{step.gate} is {step.state} already",
                views.unchanged(step, means.catalogue),
                world.gates.seq,
            )
        return Plan(step)


@dataclass(frozen=True, slots=True)
class Say(Order):
    """Do what an owner's phrase says."""

    phrase: str
    why: str = ""
    force: bool = False
    verb = Verb.CLOSE_GATE

    def revision(self, world: World) -> Seq | None:
        """Say which record moved any gate last."""
        return world.gates.seq

    def decide(self, world: World, means: Means) -> Decision:
        """Understand the phrase; a question changes nothing."""
        match phrases.parse(self.phrase, means.catalogue):
            case phrases.ShowStatus(gate):
                return Unchanged("a question", self._status(world, means, gate), world.gates.seq)
            case phrases.SetGate(gate) as said:
                to = said.target(world.gates.state(gate))
                return SetGate(gate, to, self.why or f"said: {self.phrase}", self.force).decide(world, means)

    @staticmethod
    def _status(world: World, means: Means, asked: GateName | None) -> JsonObject:
        gates = [gate for gate in means.catalogue if asked in {None, gate.name}]
        shown = [views.capability(g, world.gates, means.catalogue, means.signals(g.name)) for g in gates]
        return {"capabilities": shown}
