"""`neira safe-mode on`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.changing import body, why
from neira.cli.command import verb
from neira.cli.road import needs_client
from neira.cli.safe_mode.looks import shown

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("on")
@why
@needs_client
def run(client: Client, *, why: str) -> Answer:
    """Forbid every change of plugins at once."""
    return shown(client.call("PUT", "/safe-mode", json=body(why, enabled=True)))
