"""A plugin in which workers die again and again: the system brakes, names it, and starts without it."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

import pytest

from neira.hub import running
from tests.system.served import Served, eventually, served

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
PLUGINS = "/api/neira/plugins"
SAFE_MODE = "/api/neira/safe-mode"
LOOPING, GOOD = "crash.loop", "crash.good"
SOURCE = "fn handle(event) { if event.params.loops == true { loop { } } storage::set(`n`, 1); }"
SETTINGS = {
    "NEIRA_SCRIPT_TIMEOUT_MS": "30000",
    "NEIRA_SCRIPT_MOST_TIMEOUT_MS": "30000",
    "NEIRA_SCRIPT_FUEL": "1000000000000",
    "NEIRA_SCRIPT_MOST_FUEL": "1000000000000",
    "NEIRA_SCRIPT_OPERATIONS": "100000000000",
    "NEIRA_SCRIPT_MOST_OPERATIONS": "100000000000",
}


def _register(server: Served, name: str) -> None:
    manifest = {
        "id": name,
        "version": "1.0.0",
        "kind": "script",
        "permissions": ["storage:write"],
        "ui": {"buttons": [{"id": "go", "title": "Go", "event": f"{name}.go"}]},
    }
    sent = {"manifest": manifest, "source": SOURCE, "enable": True}
    assert server.call("POST", PLUGINS, sent).status == 201


def _send(server: Served, name: str, **params: bool) -> Any:
    event = {"tool_id": name, "event": f"{name}.go", "params": params}
    return server.call("POST", "/ui/events", event)


def _runners(server: Served) -> list[int]:
    """Name the workers that are running a plugin right now, as their boards say."""
    found = []
    for worker, board in server.boards().items():
        fd = os.open(board, os.O_RDONLY)
        try:
            found += [worker for each in running.read(board, fd) if each.running]
        finally:
            os.close(fd)
    return found


def _die(server: Served) -> None:
    """Let the plugin loop in a worker, and kill that worker."""

    def send() -> None:
        with suppress(OSError, HTTPException):
            _send(server, LOOPING, loops=True)

    sender = threading.Thread(target=send)
    sender.start()
    (worker,) = eventually(lambda: _runners(server))
    os.kill(worker, signal.SIGKILL)
    sender.join()
    eventually(lambda: len(server.boards()) == 2)


def _deaths(server: Served, count: int) -> list[Any]:
    """Wait until so many deaths have been found out."""

    def found() -> list[Any] | None:
        records = [each for each in server.records() if each["kind"] == "process.died"]
        return records if len(records) == count else None

    records: list[Any] = eventually(found)
    return records


def test_three_deaths_in_the_same_plugin_are_the_brake_and_name_it(tmp_path: Path) -> None:
    """Suspects are ranked, a restart stays braked, and one call leaves safe mode without the plugin."""
    with served(tmp_path, settings=SETTINGS) as server:
        _register(server, LOOPING)
        _register(server, GOOD)  # changed last, and no suspect for that alone
        for count in (1, 2):
            _die(server)
            assert [each["data"]["running"] for each in _deaths(server, count)] == [[LOOPING]] * count
            assert not server.call("GET", SAFE_MODE).body["enabled"]
        assert _send(server, GOOD).body["results"][0]["outcome"] == "ok"
        _die(server)
        _deaths(server, 3)
        shown = eventually(lambda: _braked(server))
        assert [each["reason"] for each in shown["reasons"]] == ["crash"]
        assert shown["suspects"][0]["plugin"] == LOOPING
        assert shown["suspects"][0]["running_at_deaths"] == 3
    with served(tmp_path, token=server.token, settings=SETTINGS) as again:
        assert again.call("GET", "/readyz").body["status"] == "safe_mode"
        assert _braked(again)["suspects"] == shown["suspects"]
        without = {"enabled": False, "disable": [LOOPING], "why": "test"}
        left = again.call("PUT", SAFE_MODE, without)
        assert (left.status, left.body["enabled"], left.body["disabled"]) == (200, False, [LOOPING])
        assert again.call("GET", f"{PLUGINS}/{LOOPING}").body["state"] == "disabled"
        assert _send(again, LOOPING, loops=True).status == 404
        assert _send(again, GOOD).body["results"][0]["outcome"] == "ok"


def _braked(server: Served) -> Any:
    shown = server.call("GET", SAFE_MODE).body
    return shown if shown["enabled"] else None


def test_a_plugin_that_answers_between_the_deaths_is_no_suspect(tmp_path: Path) -> None:
    """Workers may die for other reasons; whoever works in between is not the cause."""
    with served(tmp_path, settings=SETTINGS) as server:
        _register(server, LOOPING)
        for count in (1, 2, 3):
            _die(server)
            _deaths(server, count)
            assert _send(server, LOOPING).body["results"][0]["outcome"] == "ok"
        assert not server.call("GET", SAFE_MODE).body["enabled"]
        interrupted = [each["data"] for each in server.records() if each["kind"] == "event.result"]
        assert [each["outcome"] for each in interrupted] == ["not_run", "ok"] * 3
        assert [each.get("was_running") for each in interrupted] == [True, None] * 3
