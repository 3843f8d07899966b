"""A real Neira for tests: a home on disk, gunicorn with its workers, HTTP on the loopback."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

START_SECONDS = 60
IDLE_SECONDS = 3  # the server hangs up after 5
PATIENT = {  # for machines so busy that an ordinary run of a script takes longer than it may
    "NEIRA_SCRIPT_TIMEOUT_MS": "10000",
    "NEIRA_SCRIPT_MOST_TIMEOUT_MS": "10000",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Served:
    """A running server and a token that may do everything."""

    home: Path
    port: int
    token: str
    master: subprocess.Popen[bytes]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send one request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            return self.exchange(connection, method, path, body, **headers)
        finally:
            connection.close()

    def exchange(
        self, connection: HTTPConnection, method: str, path: str, body: Any = None, **headers: str
    ) -> Reply:
        """Send one request on a connection, and read its answer."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        data = None
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        kind = answer.getheader("Content-Type") or ""
        parsed = json.loads(text) if "json" in kind and "ndjson" not in kind else text
        return Reply(answer.status, parsed, dict(answer.getheaders()))

    def workers(self) -> list[int]:
        """List the process ids of the workers; the keeper's supervisor is a child of the master as well."""
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text()
        return [
            int(pid) for pid in children.split() if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]

    def boards(self) -> dict[int, Path]:
        """Say on which board each worker notes what it runs; only those that serve already have one."""
        paths = ((pid, Path(link)) for pid in self.workers() for link in open_files(pid))
        return {pid: path for pid, path in paths if path.parent.name == "running"}

    def records(self) -> list[dict[str, Any]]:
        """Read the whole journal, each record with its payload."""
        found: list[dict[str, Any]] = []
        for text in self.call("GET", "/api/neira/journal/export").body.splitlines():
            line = json.loads(text)
            if "seq" in line:
                found.append(line)
            else:
                found[-1]["payload"] = line.get("payload")
        return found


class Line:
    """A connection that is kept open, so that one worker answers all its requests."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.worker = self._dial()
        self._used = time.monotonic()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send one request."""
        while time.monotonic() - self._used > IDLE_SECONDS and self._dial() != self.worker:
            assert self.worker in self._server.workers()
        self._used = time.monotonic()
        return self._server.exchange(self._connection, method, path, body, **headers)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _dial(self) -> int:
        """Connect anew, and say to which worker."""
        self.close()
        self._server.exchange(self._connection, "GET", "/healthz")
        return _peer(self._server, self._connection.sock.getsockname()[1])


@contextmanager
def lines(server: Served, each: int) -> Iterator[list[Line]]:
    """Keep some connections to each of the workers."""
    workers = server.workers()
    found: dict[int, list[Line]] = {pid: [] for pid in workers}
    until = time.monotonic() + START_SECONDS
    with ExitStack() as hanging_up:
        while min(map(len, found.values())) < each:
            assert time.monotonic() < until, f"only {found} answer"
            line = Line(server)
            hanging_up.callback(line.close)
            found[line.worker].append(line)
        yield [line for kept in found.values() for line in kept[:each]]


def _peer(server: Served, port: int) -> int:
    """Find the worker at the other end of a connection from a local port."""
    ours, theirs = f":{server.port:04X}", f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    inode = next(row[9] for row in rows if row[1].endswith(ours) and row[2].endswith(theirs))
    return next(pid for pid in server.workers() for link in open_files(pid) if link == f"socket:[{inode}]")


def open_files(pid: int) -> Iterator[str]:
    """Name what a process has open, as the kernel does."""
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            yield str(each.readlink())


@dataclass(frozen=True, slots=True)
class Heard:
    """One frame of an event stream."""

    seq: int
    event: str
    data: Any


class Listener:
    """A reader of the event stream; its frames come in by a thread of its own until it is closed."""

    def __init__(self, server: Served, *, after: int | None = None) -> None:
        self.frames: list[Heard] = []
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        last = {} if after is None else {"Last-Event-ID": str(after)}
        headers = {"Authorization": f"Bearer {server.token}", **last}
        self._connection.request("GET", "/api/neira/ui/stream", headers=headers)
        self._socket = self._connection.sock  # the answer takes it over
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        self.worker = _peer(server, self._socket.getsockname()[1])
        self._answer.readline()  # the opening: whoever comes later is heard
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):  # the server may have done that
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._answer.close()
        self._connection.close()

    def _listen(self) -> None:
        told: dict[str, str] = {}
        with suppress(OSError, HTTPException):
            while line := self._answer.readline().decode():
                name, _, text = line.rstrip("\n").partition(": ")
                if name:
                    told[name] = text
                elif "data" in told:
                    self.frames.append(Heard(int(told["id"]), told["event"], json.loads(told["data"])))
                    told = {}


def eventually(what: Callable[[], Any], *, seconds: float = 30.0) -> Any:
    """Wait until something is there, and return it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


def neira(*words: str, home: Path) -> str:
    """Run the command line on a home and return what it prints."""
    command = [sys.executable, "-m", "neira", "--home", str(home), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def served(
    folder: Path, *, stage: int = 1, token: str = "", settings: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Found a home if there is none, serve it, and stop the server in the end."""
    home = folder / "home"
    if not home.exists():
        init = [sys.executable, "-m", "neira", "init", str(home), "--stage", str(stage)]
        subprocess.run(init, check=True, capture_output=True, timeout=60)
    token = token or neira("token", "create", "test", "--scope", "admin", home=home)
    with _master(folder, home, settings or {}) as (port, master):
        yield Served(home, port, token, master)


@contextmanager
def _master(
    folder: Path, home: Path, settings: Mapping[str, str]
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = _free_port()
    log = (folder / "server.log").open("ab")
    environment = {"PATH": "/usr/bin:/bin", "NEIRA_HOME": str(home), "NEIRA_RATE_CHANGES": "0", **settings}
    command = [sys.executable, "-m", "neira", "serve", "--port", str(port)]
    master = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _await_ready(port, master, folder / "server.log")
        yield port, master
    finally:
        master.send_signal(signal.SIGTERM)
        try:
            master.wait(15)
        except subprocess.TimeoutExpired:
            master.kill()
            master.wait()
        log.close()


def _await_ready(port: int, master: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert master.poll() is None, log.read_text()[-4000:]
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError(log.read_text()[-4000:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
