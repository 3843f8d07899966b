"""`neira serve`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from neira.cli.command import verb
from neira.cli.output import note
from neira.cli.session import has_tokens, needs_home
from neira.settings import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.home import Home

CONFIG = "python:neira.web.server.config"
APPLICATION = "neira.web.server.application:open_application()"
METRICS = "PROMETHEUS_MULTIPROC_DIR"


@verb("serve")
@click.option("--host", help="Address to bind to (setting server.host).")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to bind to; 0 takes a free one (setting server.port)."
)
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes (setting server.workers).")
@needs_home
def run(home: Home, *, host: str | None, port: int | None, workers: int | None) -> NoReturn:
    """Serve the home over HTTP; this process becomes the server."""
    home.check()
    flags = {"host": host, "port": port, "workers": workers}
    given = {f"NEIRA_SERVER_{name.upper()}": str(value) for name, value in flags.items() if value is not None}
    environment = surroundings(home, given)
    load(home.root, environment)  # a mistake in the settings is told here, not by each worker
    if not has_tokens(home):
        note("there is no token yet, so nobody can ask for anything: neira token create NAME --scope admin")
    _become(environment)


def surroundings(home: Home, given: Mapping[str, str]) -> dict[str, str]:
    """Gather the environment of the server: ours, the home, and the flags as settings."""
    ours = os.environ  # noqa: TID251 - handed on to the server, not read
    root = home.root.resolve()
    away = ("NEIRA_URL", "NEIRA_TOKEN")  # of a client: a token has no business in a server
    kept = {name: value for name, value in ours.items() if name not in away}
    return {**kept, **given, "NEIRA_HOME": str(root), METRICS: str(_fresh(home.private / "metrics"))}


def _fresh(folder: Path) -> Path:
    """Make this server's own folder of counters, and remove those of servers that are gone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.iterdir():
        if not Path("/proc", old.name).exists() or old.name == str(os.getpid()):
            shutil.rmtree(old, ignore_errors=True)
    mine = folder / str(os.getpid())  # the process stays the same one when it becomes the server
    mine.mkdir(mode=0o700)
    return mine.resolve()


def _become(environment: Mapping[str, str]) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    command = [sys.executable, "-m", "gunicorn", "-c", CONFIG, APPLICATION]
    os.execve(sys.executable, command, environment)  # noqa: S606 - no shell, our own interpreter
