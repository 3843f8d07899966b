"""`neira migrate`: bring a home to the format that this program writes, one journaled step at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.home import FORMAT, Home
from neira.model import ChangeNote, Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from neira.kernel import Kernel

# From a format to the step that leads to the next one. Format 1 is the first: there is no step yet.
STEPS: Mapping[int, Callable[[Home], None]] = {}


@dataclass(frozen=True, slots=True)
class Migrated:
    """From where to where a home went."""

    before: int
    after: int


def migrate(kernel: Kernel, actor: str) -> Migrated:
    """Take every step from the home's format to ours; a newer home is refused before anything is touched."""
    before = kernel.home.check()
    for number in range(before, FORMAT):
        with kernel.change_lock.held():
            STEPS[number](kernel.home)
            kernel.home.write_card(kernel.clock.now().isoformat(), number=number + 1)
            note = ChangeNote(
                f"the home was migrated from format {number} to {number + 1}", verify="neira doctor"
            )
            kernel.journal.append(Draft("home.migrated", actor, note, "home-migrated"))
            kernel.world.publish()
    return Migrated(before, FORMAT)
