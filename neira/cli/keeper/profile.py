"""`neira keeper profile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from neira.cli.command import verb
from neira.cli.output import Answer, Line
from neira.cli.session import needs_home
from neira.clock import SystemClock
from neira.keeper import profile
from neira.keeper.ask import ask

if TYPE_CHECKING:
    from neira.home import Home


@verb("profile")
@click.argument("name", required=False)
@needs_home
def run(home: Home, *, name: str | None) -> Answer:
    """Show the profile of the home, or switch it and tell the plugins."""
    home.check()
    if name is None:
        shown = profile.current(home)
        return Answer({"profile": shown, "switched": False}, (Line(shown),))
    body = ask(home, {"do": "profile", "name": profile.checked(name)}, SystemClock())
    return Answer(body, (Line(str(body.get("profile"))),))
