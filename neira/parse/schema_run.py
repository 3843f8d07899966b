"""One check of one value: rules that add problems, under a budget of steps that no schema can exceed.

`schema_rules` builds the rules, `params` starts the runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from neira.model import Json, Problem
from neira.parse.fields import Step, dotted, seen

STEPS = 600_000  # under a second; a body of 1 MB holds at most 500,000 values
DEEPEST = 130  # schemas within schemas; each takes up to four Python frames
MOST_PROBLEMS = 20

Place: TypeAlias = tuple["Place", Step] | None  # from the leaf up: cheap to extend
Rule: TypeAlias = Callable[[Json, Place, "Run"], None]


class _Spent(Exception):
    """The budget is gone, or enough problems are known."""


@dataclass(slots=True)
class Node:
    """A compiled schema: every rule must hold. Filled after it is made, so that references may circle."""

    rules: list[Rule] = field(default_factory=list)

    def check(self, value: Json, place: Place, run: Run) -> None:
        """Apply all rules, adding problems to the run."""
        run.down()
        for rule in self.rules:
            rule(value, place, run)
        run.up()

    def holds(self, value: Json, run: Run) -> bool:
        """Tell whether a value passes, keeping its problems to itself."""
        kept, run.problems = run.problems, []
        try:
            self.check(value, None, run)
            return not run.problems
        finally:
            run.problems = kept


@dataclass(slots=True)
class Run:
    """What one check has found and may still spend."""

    steps: int = STEPS
    depth: int = 0
    problems: list[Problem] = field(default_factory=list)

    def spend(self, steps: int) -> None:
        """Pay for work that grows with the value."""
        self.steps -= steps
        if self.steps < 0:
            raise _Spent

    def down(self) -> None:
        """Enter a schema."""
        self.depth += 1
        self.steps -= 1
        if self.steps < 0 or self.depth > DEEPEST:
            raise _Spent

    def up(self) -> None:
        """Leave a schema."""
        self.depth -= 1

    def blame(self, place: Place, value: Json, allowed: str) -> None:
        """Add the problem that a value is not what is allowed."""
        self.add(place, seen(value), allowed)

    def add(self, place: Place, found: str, allowed: str, suggestion: str | None = None) -> None:
        """Add a problem; after enough of them the rest is left unsaid."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(_written(place), found, allowed, suggestion))


def check(node: Node, value: Json, root: str, *, steps: int = STEPS) -> tuple[Problem, ...]:
    """Check a value and return its problems, their paths below the root's name."""
    run = Run(steps)
    found = run.problems
    try:
        node.check(value, (None, root), run)
    except _Spent:
        found.append(Problem(root, "more than can be checked in time", "smaller or flatter values"))
    return tuple(found)


def _written(place: Place) -> str:
    steps: list[Step] = []
    while place is not None:
        place, step = place
        steps.append(step)
    return dotted(reversed(steps))
