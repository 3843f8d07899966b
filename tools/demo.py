"""Opens Neira in a scratch home, prints what to try, and stops cleanly; run by `make demo`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from tools.projects import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

NEIRA = Path(sys.executable).with_name("neira")
START_SECONDS = 30
STOP_SECONDS = 40  # gunicorn itself gives its workers 30
LOG_LINES = 20

EXAMPLES = ("ui_pencil", "counter", "router", "validator", "custom_filter")
SCRIPTS = ROOT / "plugins" / "scripts"
CONTEXT = '{"chat_id": "demo", "session_id": "first"}'
STROKE = '{"color": "red", "size": 3, "points": [[10, 10], [60, 40], [110, 10]]}'

INVITATION = """
Neira runs in a scratch home. The gates of stage 1 are open, and the examples of plugins/scripts are enabled.
Draw a stroke, find it, and look at the file in which it lies:

  curl -s {me} {as_json} {api}/ui/events \\
    -d '{{"tool_id": "ui.pencil", "event": "ui.pencil.draw", "params": {stroke}, "context": {context}}}'

  curl -s {me} '{api}/context/search?q=red&type=annotation'

  cat {strokes}

Count, and see first what would happen:

  curl -s {me} {as_json} '{api}/ui/events?mode=preview' \\
    -d '{{"tool_id": "counter", "event": "counter.add"}}'

  curl -s {me} {as_json} {api}/ui/events \\
    -d '{{"tool_id": "counter", "event": "counter.add"}}'

The scripts of this home lie in {scripts}. Save a change to one: a moment later events run it.

Draw by hand in a browser, at {url}; the token is for its first field.
For the README's tour, in another terminal:

  export NEIRA_URL={url} NEIRA_TOKEN={token} NEIRA_HOME={home}

The server's log is {log}
Ctrl-C stops it.
"""


@dataclass(frozen=True, slots=True)
class Scratch:
    """A home that lives as long as the demo."""

    folder: Path

    @property
    def home(self) -> Path:
        """Where this Neira lives."""
        return self.folder / "home"

    @property
    def log(self) -> Path:
        """Where the server's own words go."""
        return self.folder / "server.log"

    def environment(self) -> dict[str, str]:
        """Give a child everything but the settings that somebody made for another home."""
        mine = os.environ.items()  # noqa: TID251 - handed on to a child, not read
        return {name: value for name, value in mine if not name.startswith("NEIRA_")} | {
            "NEIRA_HOME": str(self.home)
        }

    def say(self, *words: str) -> str:
        """Run one `neira` command to its end and return what it printed."""
        command = [str(NEIRA), *words]
        ended = subprocess.run(
            command, env=self.environment(), stdout=subprocess.PIPE, text=True, check=False
        )
        if ended.returncode:
            sys.exit(f"demo: `neira {words[0]}` ended with {ended.returncode}; its words stand above.")
        return ended.stdout.strip()


def main() -> None:
    """Run the demo until somebody stops it."""
    asked = _arguments()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    port = _free_port(asked.port)
    with _scratch(keep=asked.keep) as scratch:
        scratch.say("init", str(scratch.home), "--stage", "1")
        token = scratch.say(
            "token", "create", "demo", "--scope", "read", "--scope", "write", "--scope", "admin"
        )
        for name in EXAMPLES:
            manifest = SCRIPTS / f"{name}.yaml"
            scratch.say("plugins", "add", str(manifest), str(manifest.with_suffix(".rhai")), "--enable")
        with _server(scratch, port) as server:
            _wait_until_ready(server, port, stop)
            if server.poll() is None and not stop.is_set():
                _invite(f"http://127.0.0.1:{port}", token, scratch)
            while server.poll() is None and not stop.wait(0.2):
                pass
        if not stop.is_set():
            _give_up(scratch)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--keep", action="store_true", help="do not remove the scratch home at the end")
    return parser.parse_args()


@contextmanager
def _scratch(*, keep: bool) -> Iterator[Scratch]:
    scratch = Scratch(Path(tempfile.mkdtemp(prefix="neira-demo-")))
    try:
        yield scratch
    finally:
        if keep:
            print(f"The scratch home is kept: {scratch.home}")
        else:
            shutil.rmtree(scratch.folder)


@contextmanager
def _server(scratch: Scratch, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve in a session of its own, so that Ctrl-C reaches the server once, through us."""
    command = [str(NEIRA), "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    environment = scratch.environment()
    with scratch.log.open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _free_port(wanted: int) -> int:
    """Return the wanted port, or any free one for 0; a taken one would answer in our place."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            sys.exit(f"demo: port {wanted} cannot be used ({error.strerror}): name another one with PORT=…")
        return int(probe.getsockname()[1])


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, stop: threading.Event) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and not stop.wait(0.1):
        if _answers(port):
            return
        if time.monotonic() > deadline:
            print(f"demo: the server did not become ready in {START_SECONDS} s", file=sys.stderr)
            server.terminate()
            server.wait(STOP_SECONDS)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, urllib.error.URLError):
        return False


def _invite(url: str, token: str, scratch: Scratch) -> None:
    print(f"URL {url}\nTOKEN {token}")
    told = INVITATION.format(
        url=url,
        api=f"{url}/api/neira",
        token=token,
        me=f"-H 'Authorization: Bearer {token}'",
        as_json="-H 'Content-Type: application/json'",
        stroke=STROKE,
        context=CONTEXT,
        home=scratch.home,
        strokes=scratch.home / "context" / "demo" / "first.annotations.ndjson",
        scripts=scratch.home / "plugins" / "scripts",
        log=scratch.log,
    )
    print(told, flush=True)


def _give_up(scratch: Scratch) -> None:
    lines = scratch.log.read_text(encoding="utf-8", errors="replace").splitlines()
    sys.exit("\n".join(["demo: the server stopped by itself; the end of its log:", *lines[-LOG_LINES:]]))


if __name__ == "__main__":
    main()
