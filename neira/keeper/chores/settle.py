"""Put on disk how far committed actions have been applied, so that a restart repeats few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.keeper.chore import Chore

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY = 5.0  # seconds


class Settle(Chore):
    """Call the kernel's settling every few seconds."""

    name = "settle"

    def __init__(self, settle: Callable[[], object]) -> None:
        self._settle = settle

    def turn(self) -> float:
        """Settle."""
        self._settle()
        return EVERY
