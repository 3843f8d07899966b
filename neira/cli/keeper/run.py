"""`neira keeper run`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from neira.cli.command import verb
from neira.cli.session import needs_home
from neira.clock import SystemClock
from neira.keeper.keeper import keep
from neira.keeper.supervisor import Supervisor

if TYPE_CHECKING:
    from neira.home import Home


@verb("run")
@click.option(
    "--supervised", is_flag=True, help="Start the keeper anew when it dies; wait while another runs."
)
@click.option("--parent", type=click.IntRange(1), hidden=True, help="Process to end with.")
@needs_home
def run(home: Home, *, supervised: bool, parent: int | None) -> None:
    """Keep the home: watch its files, tick, recover; a server starts a keeper by itself."""
    clock = SystemClock()
    home.check()
    if supervised:
        Supervisor(lambda: keep(home, clock, waits=True), parent or os.getppid(), clock).run()
    else:
        keep(home, clock, waits=False)
