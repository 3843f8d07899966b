"""Finish what processes that died have left unfinished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.keeper.chore import Chore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.keeper.needs import Log

EVERY = 1.0  # seconds; a successor is expected within two


class Recover(Chore):
    """Call the kernel's recovery once a second."""

    name = "recover"

    def __init__(self, recover: Callable[[], Sequence[object]], log: Log) -> None:
        self._recover = recover
        self._log = log

    def turn(self) -> float:
        """Recover, and tell if there was something."""
        if done := self._recover():
            self._log.info("recovered", processes=len(done))
        return EVERY
