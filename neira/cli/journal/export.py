"""`neira journal export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from neira.cli.command import verb
from neira.cli.output import Answer, Line
from neira.cli.road import needs_client
from neira.errors.cli import Exists

if TYPE_CHECKING:
    from neira.cli.client import Client


@verb("export")
@click.option(
    "--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="A new file; the default is stdout."
)
@needs_client
def run(client: Client, *, file: Path | None) -> Answer | None:
    """Give out the journal's lines exactly as they are, as NDJSON; --json does not change them."""
    pieces = client.stream("/journal/export")
    if file is None:
        out = sys.stdout.buffer
        for piece in pieces:
            out.write(piece)
        out.flush()
        return None
    count = 0
    try:
        with file.open("xb") as written:
            for piece in pieces:
                count += written.write(piece)
    except FileExistsError:
        raise Exists(file.name) from None
    return Answer({"file": str(file), "bytes": count}, (Line(f"{file}: {count} bytes"),))
