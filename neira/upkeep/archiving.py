"""`neira journal archive`: old segments leave the journal; a snapshot of the world takes their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.journal.archive import archive as move
from neira.state import copy
from neira.world import snapshots

if TYPE_CHECKING:
    from neira.journal.archive import Archived
    from neira.kernel import Kernel


def archive(kernel: Kernel, actor: str, *, why: str = "") -> Archived:
    """Journal what is true now, move every older segment to the archive, and let the files follow."""
    with kernel.change_lock.held():
        kernel.settle()
        stores = copy.to_json(kernel.movement.database.reading())
        snapshot = {**snapshots.to_json(kernel.world.refresh()), "stores": stores}
        moved = move(kernel.journal, snapshot, actor=actor, why=why)
        kernel.projections.save(kernel.world.refresh())  # they name a record that has to be in the journal
    return moved
