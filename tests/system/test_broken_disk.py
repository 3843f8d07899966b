"""A disk that fails under a running server: it brakes, answers what it can, and loses nothing it accepted."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.system.served import Served, neira, served

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("strace") is None, reason="strace injects the failures; `make setup` installs it"
    ),
]
PLUGINS = "/api/neira/plugins"


def _failing_fsync(server: Served, pid: int) -> subprocess.Popen[bytes]:
    """Let every fsync of one worker on the journal's segment fail from now on."""
    segment = server.home / "journal/000001.ndjson"
    command = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(segment), "-e", "trace=fsync,fdatasync",
               "-e", "inject=fsync,fdatasync:error=EIO", "-p", str(pid)]  # fmt: skip
    tracer = subprocess.Popen(command)
    time.sleep(1)
    return tracer


def _plugin(name: str) -> dict[str, object]:
    return {"manifest": {"id": name, "version": "1.0.0", "kind": "script"}, "source": "fn handle(e) { () }"}


def test_a_failed_fsync_brakes_every_worker_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """The change is refused, safe mode holds in both workers, and an admin leaves it after verifying."""
    with served(tmp_path) as server:
        assert server.call("POST", PLUGINS, _plugin("kept.one")).status == 201
        tracers = [_failing_fsync(server, pid) for pid in server.workers()]
        refused = server.call("POST", PLUGINS, _plugin("lost.one"))
        for tracer in tracers:
            tracer.terminate()
            tracer.wait()
        assert refused.status == 503
        assert refused.headers["Retry-After"]
        for _ in range(6):
            assert server.call("GET", "/readyz").body["status"] == "safe_mode"
            assert _ids(server) == ["kept.one"]
        brake = {"enabled": False, "why": "the disk was replaced"}
        assert server.call("PUT", "/api/neira/safe-mode", brake).status == 200
        assert server.call("GET", "/readyz").body["status"] == "ready"
        assert server.call("POST", PLUGINS, _plugin("next.one")).status == 201
        assert _ids(server) == ["kept.one", "next.one"]
    assert json.loads(neira("--json", "journal", "verify", home=tmp_path / "home"))["clean"]


def _ids(server: Served) -> list[str]:
    return [plugin["id"] for plugin in server.call("GET", PLUGINS).body["plugins"]]
