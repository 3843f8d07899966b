"""One run of one plugin: its host, its code, its answer, every action checked. Nothing is applied here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from neira.gates.passage import passage
from neira.host.run_host import RunHost
from neira.host.situation import Situation
from neira.hub import spoken
from neira.model import Cost, Mode, Outcome, RunError, Scope
from neira.ports import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neira.host.action import Asked
    from neira.host.catalogue import Catalogue
    from neira.host.situation import ValueReader
    from neira.hub.generation import Generation
    from neira.model import Allowed, Denied, GateName, Json, JsonObject, Ran
    from neira.registry.snapshot import Plugin
    from neira.settings import ValueSettings
    from neira.world.safety import Safety
    from neira.world.world import World

# Refusals that say: this makes no sense. All others say: this is not allowed.
MALFORMED = frozenset({"bad_params", "unknown_action", "too_many_actions", "no_place", "quota"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is to be run, and for whom."""

    function: str
    arguments: Sequence[Json]
    context: JsonObject
    actor: str
    scope: Scope
    timeout_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A run that is over, with what it wants to happen."""

    plugin: Plugin
    engine: str
    outcome: Outcome
    scope: Scope = Scope.READ  # of whoever caused it
    cost: Cost = field(default_factory=Cost)
    result: Json = None
    actions: tuple[Asked, ...] = ()
    answers: Sequence[Mapping[str, Json]] = ()
    logs: tuple[str, ...] = ()
    error: RunError | None = None
    seen: Mapping[int, int] = field(default_factory=dict)  # slots of values that it has read, with tokens
    config: JsonObject | None = None  # the plugin's settings as it wants to leave them


@dataclass(frozen=True, slots=True)
class _Judge:
    """The authorities over one run."""

    generation: Generation
    world: World
    scope: Scope
    brakes: bool

    def power(self, permission: str) -> Allowed | Denied:
        return self.generation.powers.decide(permission, self.scope)

    def gate(self, gate: GateName) -> bool:
        return passage(self.world.gates.state(gate)) is Mode.LIVE

    def brake(self) -> bool:
        return self.brakes


class Invocations:
    """Runs plugins."""

    def __init__(
        self, catalogue: Catalogue, values: ValueReader, quota: ValueSettings, safety: Safety
    ) -> None:
        self._catalogue = catalogue
        self._values = values
        self._quota = quota
        self._safety = safety

    def run(
        self, generation: Generation, call: Call, world: World, *, values: ValueReader | None = None
    ) -> Finished:
        """Run one function and check what it asks for; `values` stand in for those that are stored now."""
        plugin = generation.plugin
        situation = Situation(
            plugin=plugin.id,
            version=plugin.live.version,
            config=plugin.settings,
            context=call.context,
            values=values or self._values,
            quota=self._quota,
            check_config=plugin.manifest.check_config,
        )
        brakes = call.scope is not Scope.ADMIN and self._safety.now().active
        judge = _Judge(generation, world, call.scope, brakes)
        host = RunHost(self._catalogue, situation, judge, most=generation.budget.actions)
        taken = generation.program.functions.get(call.function, len(call.arguments))
        arguments = call.arguments[:taken]  # a handler that looks at nothing may declare nothing
        ran = generation.program.run(call.function, arguments, host, timeout_ms=call.timeout_ms)
        return replace(_finished(generation, ran, host), scope=call.scope)


def _finished(generation: Generation, ran: Ran, host: RunHost) -> Finished:
    if ran.outcome is not Outcome.OK:
        return _failed(generation, ran, host, *_why(ran, host))
    try:
        said = spoken.read(ran.value)
        for name, params in said.actions:
            host.ask(name, params)
    except spoken.Garbled as garbled:
        return _failed(generation, ran, host, Outcome.BAD_OUTPUT, RunError("bad_output", str(garbled)))
    except Refused as no:
        return _failed(generation, ran, host, *_refusal(no))
    caught = host.refused
    if caught is not None and caught.code not in MALFORMED and host.actions:
        message = f"it went on after a refusal ({caught.message}), and a refused run has no effects"
        return _failed(
            generation,
            ran,
            host,
            Outcome.DENIED,
            RunError(caught.code, message, capability=caught.capability),
        )
    plugin = generation.plugin
    config = {**plugin.config, **host.situation.changed}  # the manifest's own stay where they are
    return Finished(
        plugin=generation.plugin,
        engine=generation.engine,
        outcome=Outcome.OK,
        cost=ran.cost,
        result=said.result,
        actions=tuple(host.actions),
        answers=host.answers,
        logs=ran.logs,
        seen=host.situation.seen,
        config=None if config == dict(plugin.config) else config,
    )


def _failed(
    generation: Generation, ran: Ran, host: RunHost, outcome: Outcome, error: RunError | None
) -> Finished:
    return Finished(
        plugin=generation.plugin,
        engine=generation.engine,
        outcome=outcome,
        cost=ran.cost,
        answers=host.answers,
        logs=ran.logs,
        error=error,
    )


def _why(ran: Ran, host: RunHost) -> tuple[Outcome, RunError | None]:
    """Say how a run ended: a refusal that was let through is a denial or, if it made no sense, bad output."""
    no = host.refused
    if ran.outcome is Outcome.DENIED and no is not None and ran.error is not None:
        outcome = Outcome.BAD_OUTPUT if ran.error.code in MALFORMED else Outcome.DENIED
        return outcome, replace(ran.error, capability=no.capability)
    return ran.outcome, ran.error


def _refusal(no: Refused) -> tuple[Outcome, RunError]:
    outcome = Outcome.BAD_OUTPUT if no.code in MALFORMED else Outcome.DENIED
    return outcome, RunError(no.code, no.message, capability=no.capability)
