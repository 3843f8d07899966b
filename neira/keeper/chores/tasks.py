"""Run queued tasks, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.keeper.chore import Chore

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = 0.2  # seconds between two looks at an empty queue


class Tasks(Chore):
    """Take one task a turn, and the next at once while there are some."""

    name = "tasks"

    def __init__(self, step: Callable[[], bool], give_up: Callable[[], object]) -> None:
        self._step = step
        self._give_up = give_up

    def open(self, wake: Callable[[], None]) -> None:
        """Say of tasks that the keeper before this one was running that they came to no end."""
        _ = wake
        self._give_up()

    def turn(self) -> float:
        """Run one task, if there is one."""
        return 0.0 if self._step() else PAUSE
