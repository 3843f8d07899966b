"""Scripts that go over their limits: a clear outcome, nothing written, and whoever calls them is braked."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.system.served import PATIENT, Listener, Reply, Served, eventually, lines, neira, served

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
PLUGINS = "/api/neira/plugins"
GREEDY = {
    "fuel": "loop { }",
    "memory_mb": 'let text = "x"; loop { text += text; }',
    "output_kb": 'let text = "x"; for n in 0..19 { text += text; } return #{result: text};',
    "host_calls": 'for n in 0..100000 { storage::get("n"); }',
}
SOURCE = """
fn handle(event) {
    storage::set("n", (storage::get("n") ?? 0) + 1);
    storage::save_annotation(#{written: true});
    if event.params.well == true { return #{result: storage::get("n")}; }
    %s
}
"""


def _register(server: Served, name: str, body: str) -> None:
    manifest = {
        "id": name,
        "version": "1.0.0",
        "kind": "script",
        "permissions": ["storage:read", "storage:write"],
        "ui": {"buttons": [{"id": "go", "title": "Go", "event": f"{name}.go"}]},
    }
    sent = {"manifest": manifest, "source": SOURCE % body, "enable": True}
    reply = server.call("POST", PLUGINS, sent)
    assert reply.status == 201, reply


def _send(where: Any, name: str, **params: bool) -> dict[str, Any]:
    context = {"chat_id": "greedy", "session_id": name.replace(".", "-")}
    event = {"tool_id": name, "event": f"{name}.go", "params": params, "context": context}
    reply: Reply = where.call("POST", "/ui/events", event)
    assert reply.status == 200, reply
    result: dict[str, Any] = reply.body["results"][0]
    return result


def _code(result: dict[str, Any]) -> tuple[str, str]:
    return result["outcome"], result["error"]["code"]


def _other(server: Served) -> Served:
    """Take the place of somebody else."""
    token = neira("token", "create", "other", "--scope", "write", home=server.home)
    return replace(server, token=token)


def test_greedy_scripts_end_with_a_clear_outcome_and_write_nothing(tmp_path: Path) -> None:
    """Each limit is named; the workers are the same as before, and go on serving others."""
    with served(tmp_path, settings=PATIENT) as server, lines(server, 1) as both:
        workers = server.workers()
        for limit, body in GREEDY.items():
            name = f"greedy.{limit}"
            _register(server, name, body)
            result = _send(both[0], name)
            assert (*_code(result), result["actions"]) == ("limit", "limit", []), result
            assert result["cost"]["us"] > 0
            assert result["error"]["limit"] == limit
            for line in both:
                assert _code(_send(line, name)) == ("denied", "backoff")
        _register(server, "greedy.throws", 'throw "enough"')
        thrown = _send(both[1], "greedy.throws")
        assert (thrown["outcome"], thrown["error"]["message"]) == ("error", "enough")
        assert _send(both[0], "greedy.throws", well=True)["result"] == 1
        assert server.workers() == workers
        assert {path.name for path in (server.home / "context/greedy").iterdir()} == {
            "greedy-throws.annotations.ndjson"
        }


def test_the_third_violation_in_a_row_disables_if_two_callers_saw_it(tmp_path: Path) -> None:
    """API, notification, stream and journal tell of it; enabling it is the way back, without old debts."""
    with served(tmp_path, settings=PATIENT) as server, lines(server, 1) as both, Listener(server) as heard:
        name = "greedy.loop"
        _register(server, name, GREEDY["fuel"])
        other = _other(server)
        assert _code(_send(server, name)) == ("limit", "limit")
        assert _code(_send(other, name)) == ("limit", "limit")
        assert server.call("GET", f"{PLUGINS}/{name}").body["strikes"] == 2
        time.sleep(1.1)
        assert _code(_send(server, name)) == ("limit", "limit")
        for line in both:
            _check_disabled(line, name)
        (notice,) = server.call("GET", "/api/neira/notifications").body["notifications"]
        assert (notice["plugin"], notice["title"]) == (name, f"{name} was disabled")
        told = eventually(lambda: [each for each in heard.frames if each.event == "plugin.disabled"])
        assert told[0].data["notice"]["title"] == notice["title"]
        (record,) = [each for each in server.records() if each["kind"] == "plugin.disabled"]
        assert (record["actor"], record["seq"]) == ("system:limits", told[0].seq)
        assert server.call("POST", f"{PLUGINS}/{name}/enable", {}).body["state"] == "enabled"
        assert [_send(line, name, well=True)["result"] for line in both] == [1, 2]


def _check_disabled(line: Any, name: str) -> None:
    shown = line.call("GET", f"{PLUGINS}/{name}").body
    assert (shown["state"], shown["reason"]) == ("disabled", "three limit violations in a row")
    event = {"tool_id": name, "event": f"{name}.go", "params": {}}
    gone = line.call("POST", "/ui/events", event)
    assert (gone.status, gone.body["code"]) == (404, "tool_gone")


def test_one_caller_alone_disables_nothing_and_a_good_run_ends_the_row(tmp_path: Path) -> None:
    """What was denied for backing off does not count; whoever did nothing wrong is served meanwhile."""
    with served(tmp_path, settings=PATIENT) as server:
        name = "greedy.loop"
        _register(server, name, GREEDY["fuel"])
        other = _other(server)
        for _ in range(2):
            assert _code(_send(server, name)) == ("limit", "limit")
            assert _code(_send(server, name)) == ("denied", "backoff")
            time.sleep(1.1)
        assert _code(_send(server, name)) == ("denied", "backoff")
        assert server.call("GET", f"{PLUGINS}/{name}").body["strikes"] == 2
        assert _send(other, name, well=True)["outcome"] == "ok"
        shown = server.call("GET", f"{PLUGINS}/{name}").body
        assert (shown["state"], shown["strikes"]) == ("enabled", 0)
        assert _code(_send(other, name)) == ("limit", "limit")
        assert server.call("GET", f"{PLUGINS}/{name}").body["state"] == "enabled"
