"""`neira registry rebuild`: make every projection anew from the journal alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.gates.safe_mode import Reason
from neira.model import ChangeNote, Draft

if TYPE_CHECKING:
    from neira.kernel import Kernel


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What the journal came to, and what had been wrong with the files."""

    plugins: int
    tokens: int
    seq: int
    faults: tuple[str, ...]


def rebuild(kernel: Kernel, actor: str) -> Rebuilt:
    """Fold the whole journal and replace the files; the registry's cause of safe mode is cleared."""
    with kernel.change_lock.held():
        faults = kernel.projections.read().faults
        note = ChangeNote("the registry was rebuilt from the journal", verify="neira doctor", impact=faults)
        kernel.journal.append(Draft("registry.rebuilt", actor, note, "registry-rebuilt"))
        kernel.world.publish()
        world = kernel.projections.fold_all()
        kernel.projections.save(world)
        kernel.world.put(world)
    kernel.safety.clear(Reason.REGISTRY)
    return Rebuilt(len(world.plugins.plugins), len(world.tokens.by_digest), world.seq, faults)
