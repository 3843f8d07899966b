"""Rounds that alternate between what is compared, so that the machine's other work falls on all alike."""

from __future__ import annotations

import gc
import statistics
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Contender:
    """Something to be timed, call by call."""

    name: str
    call: Callable[[], object]
    calls: int
    """In each round."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the calls of one contender took: microseconds, one entry a round."""

    halves: tuple[float, ...]
    tails: tuple[float, ...]

    @property
    def p50(self) -> float:
        """Give the usual round's median."""
        return statistics.median(self.halves)

    @property
    def p99(self) -> float:
        """Give the usual round's 99th percentile."""
        return statistics.median(self.tails)

    def over(self, other: Timing) -> float:
        """Compare round by round; what slows a whole round down cancels out."""
        return statistics.median(
            ours / theirs for ours, theirs in zip(self.halves, other.halves, strict=True)
        )


def alternate(contenders: Sequence[Contender], rounds: int) -> dict[str, Timing]:
    """Time all contenders in every round, each round beginning with another one."""
    found: dict[str, list[Sequence[float]]] = {contender.name: [] for contender in contenders}
    for contender in contenders:
        samples(contender.call, min(_WARM_UP, contender.calls))
    for number in range(rounds):
        first = number % len(contenders)
        for contender in (*contenders[first:], *contenders[:first]):
            gc.collect()
            found[contender.name].append(samples(contender.call, contender.calls))
    return {name: timing(taken) for name, taken in found.items()}


def samples(call: Callable[[], object], calls: int) -> list[float]:
    """Time each call: microseconds."""
    taken = []
    for _ in range(calls):
        start = perf_counter_ns()
        call()
        taken.append((perf_counter_ns() - start) / 1000)
    return taken


def timing(rounds: Sequence[Sequence[float]]) -> Timing:
    """Sum up the samples of each round."""
    ordered = [sorted(taken) for taken in rounds]
    halves = tuple(taken[len(taken) // 2] for taken in ordered)
    tails = tuple(taken[len(taken) * 99 // 100] for taken in ordered)
    return Timing(halves, tails)
