"""`neira restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from neira.cli.command import verb
from neira.cli.output import Answer, Line
from neira.cli.progress import meter
from neira.cli.session import operator
from neira.cli.types import FILE
from neira.clock import SystemClock
from neira.upkeep.backup import restore

if TYPE_CHECKING:
    from neira.model import JsonObject


@verb("restore")
@click.argument("file", type=FILE)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def run(file: Path, folder: Path) -> Answer:
    """Make DIR, a new or empty folder, the home that FILE holds; everything is verified."""
    with meter("restore") as progress:
        made = restore(file, folder, actor=operator().actor, clock=SystemClock(), progress=progress)
    body: JsonObject = {"home": str(folder), "files": made.files, "bytes": made.bytes, "seq": made.seq}
    return Answer(body, (Line(f"{folder}: {made.files} files, up to journal record {made.seq}, verified"),))
