"""The pages for people that are made from facts: CAPABILITIES.md and JOURNALING.md, written anew on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.gates import render as capabilities
from neira.journal import render as journaling

if TYPE_CHECKING:
    from neira.kernel import Kernel


def render_gates(kernel: Kernel) -> str:
    """Write CAPABILITIES.md and return its path in the home."""
    capabilities.write(kernel.home.root, kernel.world.now().gates, kernel.catalogue)
    return capabilities.FILE


def render_journal(kernel: Kernel) -> str:
    """Write JOURNALING.md and return its path in the home."""
    journaling.write(kernel.home.root, kernel.journal.after(Seq(0)))
    return journaling.FILE
