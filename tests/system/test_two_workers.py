"""Two workers on one home: nothing accepted is lost, whatever comes at once and whatever dies."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import TYPE_CHECKING

import pytest

from tests.system.served import Reply, Served, neira, served

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
PLUGINS = "/api/neira/plugins"


def _manifest(plugin: str, version: str) -> dict[str, object]:
    return {"id": plugin, "version": version, "kind": "script"}


def _body(plugin: str, version: str) -> dict[str, object]:
    return {"manifest": _manifest(plugin, version), "source": f"// {plugin} {version}\nfn handle(e) {{ () }}"}


def _storm(server: Served, number: int) -> list[tuple[str, str, Reply]]:
    """Register, update, roll back and update one of forty plugins, and keep what was said."""
    plugin = f"storm.p{number % 40}"
    said: list[tuple[str, str, Reply]] = []
    steps = [
        ("POST", PLUGINS, _body(plugin, "1.0.0")),
        ("POST", PLUGINS, _body(plugin, f"1.{1 + number // 40}.0")),
        ("POST", f"{PLUGINS}/{plugin}/rollback", {"why": "storm"}),
        ("POST", f"{PLUGINS}/{plugin}/unpin", {}),
        ("POST", PLUGINS, _body(plugin, f"2.{number // 40}.0")),
    ]
    for method, path, body in steps:
        try:
            said.append((method, path, server.call(method, path, body)))
        except (OSError, HTTPException):
            continue  # a killed worker took the answer along: unknown, so nothing is claimed of it
    return said


def _accepted(said: list[tuple[str, str, Reply]]) -> list[str]:
    for _, _, reply in said:
        assert reply.status in {200, 201, 404, 409, 503}, reply
    good = [reply.body for _, _, reply in said if reply.status in {200, 201}]
    return [body["journal_id"] for body in good if body["journal_id"]]


def _check_home(home: Path, accepted: list[str]) -> None:
    """Hold what was accepted against journal, index and rebuild."""
    verdict = json.loads(neira("--json", "journal", "verify", home=home))
    assert verdict["clean"], verdict
    kept = {
        json.loads(line)["id"]
        for line in neira("journal", "export", home=home).splitlines()
        if '"seq"' in line
    }
    assert set(accepted) <= kept
    before = json.loads((home / "plugins/index.json").read_text())["plugins"]
    neira("registry", "rebuild", home=home)
    assert json.loads((home / "plugins/index.json").read_text())["plugins"] == before


def test_concurrent_changes_are_all_in_registry_and_journal(tmp_path: Path) -> None:
    """A thousand calls over two workers: accepted ones are kept, refused ones say why, a rebuild agrees."""
    with served(tmp_path) as server:
        with ThreadPoolExecutor(16) as pool:
            said = [one for storm in pool.map(lambda n: _storm(server, n), range(200)) for one in storm]
        accepted = _accepted(said)
        assert len(accepted) >= 200
        assert len(set(accepted)) == len(accepted)
        listed = server.call("GET", f"{PLUGINS}?limit=1000").body["plugins"]
        assert len(listed) == 40
    _check_home(tmp_path / "home", accepted)


def test_killed_workers_lose_nothing_that_was_accepted(tmp_path: Path) -> None:
    """Workers are killed all through the storm; what was answered is there after a restart."""
    with served(tmp_path) as server:
        done = threading.Event()
        killer = threading.Thread(target=_kill_workers, args=(server, done))
        killer.start()
        with ThreadPoolExecutor(8) as pool:
            said = [one for storm in pool.map(lambda n: _storm(server, n), range(80)) for one in storm]
        done.set()
        killer.join()
    accepted = _accepted(said)
    assert accepted
    with served(tmp_path) as again:
        assert again.call("GET", "/readyz").body["status"] == "ready"
    _check_home(tmp_path / "home", accepted)


def _kill_workers(server: Served, done: threading.Event) -> None:
    turn = 0
    while not done.wait(0.4):
        workers = server.workers()
        if workers:
            os.kill(workers[turn % len(workers)], signal.SIGKILL)
            turn += 1


def test_a_change_through_one_worker_is_seen_by_the_next_request_to_any(tmp_path: Path) -> None:
    """Each request takes a new connection, so both workers are asked; neither lags."""
    with served(tmp_path) as server:
        for number in range(20):
            server.call("POST", PLUGINS, _body(f"seen.p{number}", "1.0.0"))
            for _ in range(6):
                assert server.call("GET", f"{PLUGINS}/seen.p{number}").status == 200


def test_safe_mode_is_seen_by_all_workers_at_once_and_survives_a_restart(tmp_path: Path) -> None:
    """The brake holds in every worker, and after the server was stopped and started."""
    with served(tmp_path) as server:
        assert server.call("PUT", "/api/neira/safe-mode", {"enabled": True, "why": "test"}).status == 200
        for _ in range(10):
            reply = server.call("POST", PLUGINS, _body("no.way", "1.0.0"))
            assert (reply.status, reply.body["code"]) == (403, "safe_mode")
    time.sleep(0.1)
    brake = {"enabled": False, "why": "over"}
    with served(tmp_path, token=server.token, settings={"NEIRA_SERVER_WORKERS": "1"}) as server:
        assert server.call("GET", "/readyz").body["status"] == "safe_mode"
        assert server.call("PUT", "/api/neira/safe-mode", brake).status == 200
        assert server.call("POST", PLUGINS, _body("a.way", "1.0.0")).status == 201


def test_one_idempotency_key_has_one_effect_over_both_workers(tmp_path: Path) -> None:
    """Twenty equal requests at once: one registration, one answer."""
    with served(tmp_path) as server, ThreadPoolExecutor(20) as pool:
        replies = list(
            pool.map(
                lambda _: server.call("POST", PLUGINS, _body("one.effect", "1.0.0"), Idempotency_Key="k-1"),
                range(20),
            )
        )
        assert {reply.status for reply in replies} <= {200, 201, 409}
        assert len({reply.body["journal_id"] for reply in replies if reply.status < 300}) == 1
        records = server.call("GET", "/api/neira/journal?plugin=one.effect").body["records"]
        assert len(records) == 1
