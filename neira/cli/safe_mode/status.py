"""`neira safe-mode status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.cli.command import verb
from neira.cli.road import needs_client
from neira.cli.safe_mode.looks import shown

if TYPE_CHECKING:
    from neira.cli.client import Client
    from neira.cli.output import Answer


@verb("status")
@needs_client
def run(client: Client) -> Answer:
    """Show whether safe mode is on, and for which reasons."""
    return shown(client.call("GET", "/safe-mode"))
