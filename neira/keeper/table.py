"""The two tables of the keeper: what it does all the time, and what it can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from neira.keeper.audience import Audience, state_of
from neira.keeper.chores.pressure import Pressure
from neira.keeper.chores.processes import EXIT, LAUNCH, Processes
from neira.keeper.chores.recover import Recover
from neira.keeper.chores.settle import Settle
from neira.keeper.chores.tasks import Tasks
from neira.keeper.chores.tick import Tick
from neira.keeper.chores.watch import Watch
from neira.keeper.requests import profile, rescan, status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from neira.keeper.chore import Chore
    from neira.keeper.keeper import Keeper
    from neira.keeper.needs import Log
    from neira.keeper.rescan import Rescan
    from neira.kernel import Kernel
    from neira.model import JsonObject


@dataclass(frozen=True, slots=True)
class Request:
    """How one word is answered, and which keys may stand beside `do`."""

    answer: Callable[[Keeper, JsonObject], JsonObject]
    keys: frozenset[str]


REQUESTS: Mapping[str, Request] = MappingProxyType(
    {
        "status": Request(status.answer, status.KEYS),
        "rescan": Request(rescan.answer, rescan.KEYS),
        "profile": Request(profile.answer, profile.KEYS),
    }
)


def chores(kernel: Kernel, rescan: Rescan, log: Log) -> tuple[Chore, ...]:
    """Make the chores of one keeper, each to be turned in a thread of its own."""
    clock, wanted, movement = kernel.clock, kernel.settings.keeper, kernel.movement
    hooks = movement.lifecycle
    audiences = {
        word: Audience(word, hooks, lambda: state_of(kernel.world.now()), clock) for word in (LAUNCH, EXIT)
    }
    return (
        Watch(kernel.home, rescan.run, clock),
        Recover(kernel.recover, log),
        Tick(
            kernel.world.now,
            hooks,
            lambda: kernel.safety.now().active,
            threads=wanted.threads,
            clock=clock,
            log=log,
        ),
        Pressure(hooks, log),
        Processes(hooks, audiences, wanted.process_seconds),
        Tasks(movement.tasking.step, movement.tasking.give_up_running),
        Settle(kernel.settle),
    )
