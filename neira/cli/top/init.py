"""`neira init`."""

from __future__ import annotations

from pathlib import Path

import click

from neira.cli.command import verb
from neira.cli.output import Answer, Line, Note
from neira.founding import found


@verb("init")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--stage", type=click.IntRange(0, 1), default=0,
    help="1 opens the three gates of the first stage; 0 leaves everything an embryo.",
)  # fmt: skip
def run(folder: Path, stage: int) -> Answer:
    """Make DIR a home; one that is there already stays as it is."""
    home = found(folder, stage=stage)
    hint = f"next: neira --home {folder} token create admin --scope admin; neira --home {folder} serve"
    return Answer({"home": str(home.root), "stage": stage}, (Line(f"{home.root} is a home"), Note(hint)))
