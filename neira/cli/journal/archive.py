"""`neira journal archive`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.changing import why
from neira.cli.command import verb
from neira.cli.output import Answer, Line
from neira.cli.session import needs_kernel, operator
from neira.upkeep.archiving import archive

if TYPE_CHECKING:
    from neira.kernel import Kernel
    from neira.model import JsonObject


@verb("archive")
@why
@needs_kernel
def run(kernel: Kernel, *, why: str) -> Answer:
    """Move old segments to journal/archive/, behind a signed anchor; the rest verifies without them."""
    made = archive(kernel, operator().actor, why=why)
    body: JsonObject = {
        "segments": list(made.segments), "upto": made.upto, "journal_id": made.snapshot.id,
    }  # fmt: skip
    words = f"{len(made.segments)} segments, up to record {made.upto}, lie in journal/archive/"
    return Answer(body, (Line(words if made.segments else "nothing was old enough to move"),))
