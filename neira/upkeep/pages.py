"""The pages for people, CAPABILITIES.md and JOURNALING.md, written anew when somebody asks."""

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


def render_journal(kernel: Kernel) -> tuple[str, int]:
    """Write JOURNALING.md; return its path in the home, and how many entries it has."""
    entries = journaling.render(kernel.home.root)
    return f"{kernel.home.journal.name}/{journaling.FILE}", entries
