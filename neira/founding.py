"""Make a new home: folders, keys, gates, and the first record of its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import disk
from neira.changes.gates import SetGate
from neira.clock import SystemClock, SystemEntropy
from neira.gates import catalogue
from neira.home import Home
from neira.journal import keys
from neira.kernel import Kernel
from neira.model import Caller, GateName, GateState, Scope
from neira.settings import load

if TYPE_CHECKING:
    from pathlib import Path

    from neira.ports import Clock, Entropy

FOUNDER = Caller("system:init", Scope.ADMIN)
STAGE_ONE = ("ui_tools_registry", "runtime_scripting_rhai", "annotations_pencil")


def found(root: Path, *, clock: Clock | None = None, entropy: Entropy | None = None, stage: int = 0) -> Home:
    """Make a folder a home, or finish one that was begun; what is there already stays as it is."""
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    home = Home(root)
    home.lay_out()
    keys.make(root, entropy)
    gates = root / catalogue.FILE
    if not gates.exists():
        disk.write_atomic(gates, catalogue.shipped_text())
    if not home.card.exists():
        home.write_card(clock.now().isoformat())
    with Kernel.open(root, load(root), clock=clock, entropy=entropy) as kernel:
        kernel.begin()
        for name in STAGE_ONE if stage else ():
            kernel.change(
                SetGate(GateName(name), GateState.EXPERIMENTAL), FOUNDER, why="neira init --stage 1"
            )
    return home
