"""`neira backup`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from neira.cli.command import verb
from neira.cli.output import Answer, Line, Note
from neira.cli.progress import meter
from neira.cli.session import needs_home
from neira.clock import SystemClock
from neira.upkeep.backup import backup

if TYPE_CHECKING:
    from neira.home import Home
    from neira.model import JsonObject


@verb("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@needs_home
def run(home: Home, *, file: Path) -> Answer:
    """Copy the home into FILE, a new tar.gz, while it is in use; the copy is verified.

    It holds the home's keys and everything that people said: only its owner may read it. Keep it so.
    """
    with meter("backup") as progress:
        made = backup(home, file, clock=SystemClock(), progress=progress)
    body: JsonObject = {
        "file": str(file),
        "files": made.files,
        "bytes": made.bytes,
        "seq": made.seq,
        "skipped": list(made.skipped),
    }
    left_out = tuple(Note(f"left out, since it is not a plain file: {name}") for name in made.skipped)
    keys = Note("it holds the keys of the home: keep it as private as the home itself")
    line = Line(f"{file}: {made.files} files, up to journal record {made.seq}, verified")
    return Answer(body, (line, *left_out, keys))
