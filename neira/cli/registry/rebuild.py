"""`neira registry rebuild`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.command import verb
from neira.cli.output import Answer, Line, Note, plain
from neira.cli.session import needs_kernel, operator
from neira.upkeep.rebuild import rebuild

if TYPE_CHECKING:
    from neira.kernel import Kernel
    from neira.model import Json


@verb("rebuild")
@needs_kernel
def run(kernel: Kernel) -> Answer:
    """Write the registry and everything else that is derived from the journal anew."""
    made = rebuild(kernel, operator().actor)
    body: dict[str, Json] = {
        "plugins": made.plugins,
        "tokens": made.tokens,
        "seq": made.seq,
        "faults": list(made.faults),
    }
    line = Line(f"{made.plugins} plugins and {made.tokens} tokens, as of journal record {made.seq}")
    return Answer(body, (line, *(Note(f"it had been: {plain(fault)}") for fault in made.faults)))
