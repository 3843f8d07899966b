"""The two servers of the benchmark, under one and the same gunicorn configuration, each on a free port."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
_LISTENING = re.compile(r"Listening at: http://127\.0\.0\.1:(\d+)")
_BOOTED = "Booting worker"
SETTINGS = {
    "NEIRA_SERVER_PORT": "0",
    "NEIRA_SERVER_WORKERS": "2",
    "NEIRA_SERVER_THREADS": "16",
    "NEIRA_RATE_EVENTS": "1000000",  # counted, but never reached
    "NEIRA_RATE_EVENTS_BURST": "1000000",
    "NEIRA_KEEPER_ENABLED": "false",  # the keeper's own work would fall on one side alone
}
NEIRA = ("wsgi:application",)
BARE = ("--worker-class", "gthread", "benchmarks.door.bare:build()")


@contextmanager
def serving(home: Path, what: tuple[str, ...], name: str) -> Iterator[int]:
    """Serve in the background; gives the port."""
    log = home.parent / f"{name}.log"
    environment = {
        "PATH": os.defpath, "NEIRA_HOME": str(home), "PYTHONPATH": str(ROOT), **SETTINGS
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", *what]
    with log.open("wb") as words:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=words, stderr=words)
    try:
        yield _port(server, log)
    finally:
        server.terminate()
        server.wait(30)


def _port(server: subprocess.Popen[bytes], log: Path) -> int:
    """Wait until both workers have been started."""
    for _ in range(400):
        said = log.read_text(encoding="utf-8", errors="replace")
        found = _LISTENING.search(said)
        if found and said.count(_BOOTED) >= int(SETTINGS["NEIRA_SERVER_WORKERS"]):
            return int(found[1])
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(log.read_text(encoding="utf-8", errors="replace"))
