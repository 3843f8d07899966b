"""`neira journal render`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.command import verb
from neira.cli.output import Answer, Line
from neira.cli.session import needs_kernel
from neira.upkeep.pages import render_journal

if TYPE_CHECKING:
    from neira.kernel import Kernel


@verb("render")
@needs_kernel
def run(kernel: Kernel) -> Answer:
    """Write journal/JOURNALING.md anew from the journal."""
    written, entries = render_journal(kernel)
    return Answer({"written": written, "entries": entries}, (Line(f"{written}: {entries} entries"),))
