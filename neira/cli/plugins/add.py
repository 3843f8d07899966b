"""`neira plugins add`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.changing import as_object, changed, objects, why
from neira.cli.command import verb
from neira.cli.multipart import Part, field
from neira.cli.options import asked
from neira.cli.output import Answer
from neira.cli.plugins import looks
from neira.cli.road import needs_client
from neira.cli.types import FILE

if TYPE_CHECKING:
    from pathlib import Path

    from neira.cli.client import Client

_KINDS = {
    ".json": "application/json",
    ".toml": "application/toml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


@verb("add")
@click.argument("manifest", type=FILE)
@click.argument("file", type=FILE, required=False)
@click.option("--enable", is_flag=True, help="Let it run at once, where that is allowed.")
@why
@needs_client
def run(client: Client, *, manifest: Path, file: Path | None, enable: bool, why: str) -> Answer:
    """Register a plugin, or a new version of it.

    MANIFEST is YAML, JSON or TOML; FILE is the script or module. Without FILE the manifest brings its own
    `source`, or its `entry` names a file below the home's plugins/.
    """
    parts = {
        "manifest": _part(manifest),
        "file": _part(file) if file else None,
        "enable": field("true") if enable else None,
        "why": field(why) if why else None,
    }
    given = {name: part for name, part in parts.items() if part is not None}
    reply = client.call("POST", "/plugins", files=given)
    if "plugins" not in as_object(reply.body):
        return changed(reply)
    language = asked(click.get_current_context()).language
    return Answer(reply.body, (looks.table(objects(reply.body, "plugins"), language),))


def _part(path: Path) -> Part:
    return Part(path.read_bytes(), path.name, _KINDS.get(path.suffix.lower(), "application/octet-stream"))
