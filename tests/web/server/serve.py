"""A tiny application behind the real middleware, and the real gunicorn that serves it for a test."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neira.clock import SystemClock, SystemEntropy
from neira.errors.base import NeiraError
from neira.web.server.answers import refuse
from neira.web.server.body import BodyLimits, BoundedBody
from neira.web.server.frames import Frame, Subscription, event_number
from neira.web.server.hub import StreamHub, StreamLimits
from neira.web.server.streams import EventStreams, subscribe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from wsgiref.types import StartResponse

ROOT = Path(__file__).resolve().parents[3]
LISTENING = re.compile(r"Listening at: http://127\.0\.0\.1:(\d+)")
PAGE = 256 * 1024
READY = "a worker is ready"
IMPATIENT = StreamLimits(heartbeat_seconds=1.0, stall_seconds=1.5)


class Lines:
    """Frames as the lines of a file, numbered by the offset of their end: all workers see the same."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def head(self) -> int:
        """Return the size of the file."""
        return self._path.stat().st_size if self._path.exists() else 0

    def since(self, seq: int) -> Sequence[Frame]:
        """Return the whole lines behind an offset, up to a page."""
        with self._path.open("rb") as lines:
            lines.seek(seq)
            page = lines.read(PAGE)
        whole = page[: page.rfind(b"\n") + 1].splitlines(keepends=True)
        frames = []
        for line in whole:
            seq += len(line)
            frames.append(Frame(seq, "line", line.decode().rstrip("\n")))
        return frames

    def append(self, text: str) -> None:
        """Add a line, as any worker may."""
        with self._path.open("ab", buffering=0) as lines:
            lines.write(f"{text}\n".encode())


class Tiny:
    """An application with a route for each thing that the tests want to see."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if path == "/stream":
            return self._stream(environ, start_response)
        body = environ["wsgi.input"].read()
        if path == "/publish":
            self._lines.append(body.decode())
        if path == "/boom":
            raise RuntimeError("canary")
        answer = b"x" * int(environ["QUERY_STRING"]) if path == "/large" else self._facts(environ, body)
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    def _stream(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        wanted = environ.get("QUERY_STRING", "")
        try:
            number = event_number(environ.get("HTTP_LAST_EVENT_ID"))
        except NeiraError as refused:
            return refuse(refused, environ, start_response, SystemEntropy())
        subscribe(environ, Subscription(lambda frame: frame.data.startswith(wanted), number))
        start_response(
            "200 OK", [("Content-Type", "text/plain"), ("X-Mine", "kept"), ("Content-Length", "0")]
        )
        return []

    def _facts(self, environ: dict[str, Any], body: bytes) -> bytes:
        seen = {name: value for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_"))}
        return json.dumps(
            {
                "pid": os.getpid(),
                "threads": threading.active_count(),
                "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
                "sha256": hashlib.sha256(body).hexdigest(),
                "length": len(body),
                "seen": seen,
            }
        ).encode()


def build() -> BoundedBody:
    """Compose the application as gunicorn loads it, in each worker."""
    home = Path(os.environ["NEIRA_HOME"])  # noqa: TID251 - what the test gives to its server
    clock, entropy = SystemClock(), SystemEntropy()
    limits = StreamLimits(**json.loads((home / "limits").read_text()))
    hub = StreamHub(Lines(home / "lines"), clock=clock, limits=limits)
    bounds = BodyLimits(seconds=1.0, slots=2)
    tiny = Tiny(Lines(home / "lines"))
    print(READY, file=sys.stderr, flush=True)
    return BoundedBody(EventStreams(tiny, hub, entropy=entropy), bounds, clock=clock, entropy=entropy)


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    home: Path

    @property
    def log(self) -> str:
        """Return what gunicorn has said so far."""
        return (self.home / "log").read_text(encoding="utf-8", errors="replace")

    def workers(self) -> list[int]:
        """List the worker processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(
            encoding="ascii"
        )
        return sorted(int(pid) for pid in children.split())

    def descriptors(self, pid: int) -> int:
        """Count the open descriptors of a worker."""
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())

    def cpu_ticks(self, pid: int) -> int:
        """Return the CPU time of a worker, in hundredths of a second."""
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])


@contextmanager
def served(
    home: Path, *arguments: str, limits: StreamLimits = IMPATIENT, **settings: object
) -> Iterator[Served]:
    """Run gunicorn with the repo's own configuration, and end it."""
    process = start(home, *arguments, limits=limits, **settings)
    try:
        yield Served(process, port_of(process, home, int(str(settings.get("NEIRA_SERVER_WORKERS", 2)))), home)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGQUIT)
        process.wait(20)


def start(
    home: Path, *arguments: str, limits: StreamLimits = IMPATIENT, **settings: object
) -> subprocess.Popen[bytes]:
    """Start gunicorn on a free port; its words go to a file in the home."""
    (home / "limits").write_text(json.dumps(asdict(limits)))
    given = {"NEIRA_SERVER_PORT": 0, "NEIRA_SERVER_BODY_SECONDS": 1, **settings}
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", *arguments]
    environment = {
        "PATH": os.defpath,
        "HOME": str(home),
        "NEIRA_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        **{name: str(value) for name, value in given.items()},
    }
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            [*command, "tests.web.server.serve:build()"], cwd=ROOT, env=environment, stderr=log, stdout=log
        )


def port_of(process: subprocess.Popen[bytes], home: Path, workers: int) -> int:
    """Wait until all workers hear signals: gunicorn loses those that reach one at its birth."""
    for _ in range(400):
        said = (home / "log").read_text(encoding="utf-8", errors="replace")
        found = LISTENING.search(said)
        if found and said.count(READY) >= workers:
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError((home / "log").read_text(encoding="utf-8", errors="replace"))
