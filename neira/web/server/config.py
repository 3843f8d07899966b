"""How gunicorn serves Neira; see docs/operations/server.md.

What an operator may change stands in Neira's settings (`server.*`); the rest follows from the design.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from neira.home import Home
from neira.settings import load
from neira.web.app import NeiraApp

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn has no types

    from neira.web.server.worker import Worker

_home = Path(os.environ.get("NEIRA_HOME", "."))  # noqa: TID251 - says where the settings are
_settings = load(_home)
_server = _settings.server
_descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
_memory = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat file has no name and no content

bind = f"[{_server.host}]:{_server.port}" if ":" in _server.host else f"{_server.host}:{_server.port}"
workers = _server.workers
threads = _server.threads
worker_class = "neira.web.server.worker.Worker"
worker_connections = max(
    threads + 1, min(1000, _descriptors // 3)
)  # the rest is for streams, files and children

_TURN = (
    0.000_1  # seconds; a thread that leads a commit must not wait 5 ms for its turn after each system call
)

timeout = 30
graceful_timeout = 8  # SIGTERM to exit takes less than 10 s
_KEEPER_GRACE = 1.8  # of what is left then
keepalive = 5
worker_tmp_dir = _memory if Path(_memory).is_dir() else None

http_parser = "python"  # the same parser wherever this runs
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 16 * 1024  # a token of 8 KB is refused as a token, not as a header
forwarded_allow_ips = ""  # nobody may set the scheme, the path or the address for others
sendfile = False  # a sendfile waits for ever where a write gives up

control_socket_disable = True  # it would lie in the home of whoever starts this
accesslog = None
errorlog = "-"
loglevel = "info"


def on_starting(server: Arbiter) -> None:
    """Refuse to load the application before the fork: its threads would not survive it."""
    if server.cfg.preload_app:
        sys.exit("Neira cannot be preloaded: its threads start in the worker; leave --preload out")


def when_ready(server: Arbiter) -> None:
    """Start the keeper of the home that is served; it ends with this process, whatever ends that."""
    if not _settings.keeper.enabled or not Home(_home).card.exists():
        return
    ours = os.environ  # noqa: TID251 - handed on to the keeper, not read
    away = ("PROMETHEUS_MULTIPROC_DIR", "NEIRA_URL", "NEIRA_TOKEN")  # counters of requests; those of a client
    environment = {name: value for name, value in ours.items() if name not in away}
    options = ("keeper", "run", "--supervised", "--parent", str(os.getpid()))
    command = [sys.executable, "-m", "neira", "--home", str(_home.resolve()), *options]
    try:
        server.keeper = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our own words
    except OSError as error:
        server.log.warning("the keeper could not be started: %s", error)


def on_exit(server: Arbiter) -> None:
    """End the keeper and see it gone."""
    keeper: subprocess.Popen[bytes] | None = getattr(server, "keeper", None)
    if keeper is not None:
        keeper.terminate()
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(_KEEPER_GRACE)


def post_fork(server: Arbiter, worker: Worker) -> None:  # noqa: ARG001 - gunicorn's signature
    """Tell the worker how long a request may take to arrive."""
    worker.arrival_seconds = _server.body_seconds
    sys.setswitchinterval(_TURN)


def worker_exit(server: Arbiter, worker: Worker) -> None:  # noqa: ARG001 - gunicorn's signature
    """Let go of the home: what the kernel still had to write is written."""
    if isinstance(worker.wsgi, NeiraApp):
        worker.wsgi.let_go()
