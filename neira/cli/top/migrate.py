"""`neira migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.command import verb
from neira.cli.output import Answer, Line
from neira.cli.session import needs_kernel, operator
from neira.upkeep.migrate import migrate

if TYPE_CHECKING:
    from neira.kernel import Kernel


@verb("migrate")
@needs_kernel
def run(kernel: Kernel) -> Answer:
    """Bring an older home to the format of this Neira; each step is journaled."""
    made = migrate(kernel, operator().actor)
    moved = made.before != made.after
    text = f"format {made.before} → {made.after}" if moved else f"format {made.after} already"
    return Answer({"from": made.before, "to": made.after, "changed": moved}, (Line(text),))
