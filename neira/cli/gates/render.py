"""`neira gates render`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.command import verb
from neira.cli.output import Answer, Line
from neira.cli.session import needs_kernel
from neira.upkeep.pages import render_gates

if TYPE_CHECKING:
    from neira.kernel import Kernel


@verb("render")
@needs_kernel
def run(kernel: Kernel) -> Answer:
    """Write capabilities/CAPABILITIES.md anew from the gates as they stand."""
    written = render_gates(kernel)
    return Answer({"written": written}, (Line(written),))
