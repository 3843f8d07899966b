"""Processes killed all through a stream of events: what was answered is there once, and nothing by half."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from neira.home import Home
from neira.keeper.hold import holder
from tests.system.served import Reply, Served, eventually, neira, served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
PLUGIN = "killed.three"
CLIENTS = 8
MANIFEST = {
    "id": PLUGIN,
    "version": "1.0.0",
    "kind": "script",
    "permissions": ["storage:read", "storage:write"],
    "ui": {"buttons": [{"id": "go", "title": "Go", "event": f"{PLUGIN}.go"}]},
}
SOURCE = """
fn handle(event) {
    let numbers = event.params.read;
    if numbers != () { return #{result: numbers.map(|number| storage::get(`n${number}`))}; }
    let number = event.params.number;
    storage::save_annotation(#{number: number});
    storage::set(`n${number}`, number);
    [#{action: "save_message", params: #{number: number}}]
}
"""


@dataclass(slots=True)
class _Clients:
    """Eight who send numbered events, and what they were told of each."""

    answered: dict[int, str] = field(default_factory=dict)  # number of the event, and its id
    unknown: set[int] = field(default_factory=set)
    wrong: list[Reply] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Say how many events have had an answer, or will never have one."""
        return len(self.answered) + len(self.unknown) + len(self.wrong)

    def send(self, server: Served, numbers: range) -> None:
        """Send events, as many clients at once as there are."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            for _ in pool.map(lambda number: self._one(server, number), numbers):
                pass

    def _one(self, server: Served, number: int) -> None:
        try:
            reply = _send(server, {"number": number}, f"s{number % CLIENTS}")
        except (OSError, HTTPException):
            self.unknown.add(number)  # nobody was there, or whoever was took the answer along
            return
        if reply.status == 200 and [each["outcome"] for each in reply.body["results"]] == ["ok"]:
            self.answered[number] = reply.body["event_id"]
        else:
            self.wrong.append(reply)


def _send(server: Served, params: dict[str, Any], session: str) -> Reply:
    context = {"chat_id": "killed", "session_id": session}
    event = {"tool_id": PLUGIN, "event": f"{PLUGIN}.go", "params": params, "context": context}
    return server.call("POST", "/ui/events", event)


def _register(server: Served) -> None:
    sent = {"manifest": MANIFEST, "source": SOURCE, "enable": True}
    assert server.call("POST", "/api/neira/plugins", sent).status == 201


def _kill_workers(server: Served, clients: _Clients, killed: list[int]) -> None:
    """Kill a random worker after every hundred events or so, at any moment of what it does."""
    chance = random.Random(5)
    for count in range(60, 960, 90):
        eventually(lambda count=count: clients.done >= count and server.boards(), seconds=60)  # type: ignore[misc]  # mypy infers no default
        time.sleep(chance.random() / 20)
        killed.append(chance.choice(server.workers()))
        os.kill(killed[-1], signal.SIGKILL)


def _kill_everything(server: Served, clients: _Clients) -> None:
    """Leave no process of a server alive, amid the events."""
    eventually(lambda: clients.done >= 200)
    keeper = eventually(lambda: holder(Home(server.home)))
    supervisor = int(Path(f"/proc/{keeper}/stat").read_text().rpartition(")")[2].split()[1])
    for pid in (server.master.pid, supervisor, keeper, *server.workers()):
        os.kill(pid, signal.SIGKILL)


def _items(home: Path, kind: str) -> Iterator[dict[str, Any]]:
    for path in sorted((home / "context/killed").glob(f"*.{kind}.ndjson")):
        for line in path.read_text().splitlines():
            yield json.loads(line)


def _check(server: Served, clients: _Clients) -> None:
    """Hold the stores against the answers, the journal against both."""
    sent = clients.answered.keys() | clients.unknown
    assert clients.wrong == []
    notes = list(_items(server.home, "annotations"))
    there = {each["number"]: each["event_id"] for each in notes}
    assert len(notes) == len(there), "an event is there twice"
    assert there.items() >= clients.answered.items()
    messages = list(_items(server.home, "messages"))
    assert len(messages) == len(notes)
    assert {each["number"]: each["event_id"] for each in messages} == there
    assert _values(server, sorted(sent)) == {number: number if number in there else None for number in sent}
    _check_records(server.records(), set(there.values()))
    verdict = json.loads(neira("--json", "journal", "verify", home=server.home))
    assert verdict["clean"], verdict


def _values(server: Served, numbers: list[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for start in range(0, len(numbers), 200):
        page = numbers[start : start + 200]
        (result,) = _send(server, {"read": page}, "read").body["results"]
        found |= dict(zip(page, result["result"], strict=True))
    return found


def _check_records(records: list[dict[str, Any]], applied: set[str]) -> None:
    """Each event that came has its one result: it ended well and is applied, or it was interrupted."""
    came = [each["data"]["event_id"] for each in records if each["kind"] == "event.received"]
    results = [each["data"] for each in records if each["kind"] == "event.result"]
    assert Counter(came) == Counter(each["event_id"] for each in results)
    assert len(set(came)) == len(came)
    cut = [each for each in results if each["outcome"] != "ok"]
    assert all((each["outcome"], each["reason"]) == ("not_run", "interrupted") for each in cut)
    assert {each["event_id"] for each in results if each["effects"]} == applied
    print(f"{len(came)} events came, {len(cut)} were interrupted")


def test_killed_workers_leave_each_event_whole_or_not_at_all(tmp_path: Path) -> None:
    """A thousand events from eight clients, while random workers are killed."""
    clients, killed = _Clients(), list[int]()
    with served(tmp_path) as server:
        _register(server)
        killer = threading.Thread(target=_kill_workers, args=(server, clients, killed))
        killer.start()
        clients.send(server, range(1000))
        killer.join()
        assert len(killed) == 10
        print(f"{len(killed)} killed, {len(clients.unknown)} answers lost")
        eventually(lambda: not _unfinished(server))
        _check(server, clients)


def _unfinished(server: Served) -> list[Path]:
    """Find the boards of the dead, which somebody still has to look through."""
    living = set(server.boards().values())
    keeper = holder(Home(server.home))
    links = [] if keeper is None else [each.readlink() for each in Path(f"/proc/{keeper}/fd").iterdir()]
    return [each for each in (server.home / ".neira/running").iterdir() if each not in {*living, *links}]


def test_a_server_that_was_killed_as_a_whole_goes_on_where_it_was(tmp_path: Path) -> None:
    """Master, workers and keeper die at once amid the events; the next start finishes what was committed."""
    clients = _Clients()
    with served(tmp_path) as server:
        _register(server)
        killer = threading.Thread(target=_kill_everything, args=(server, clients))
        killer.start()
        clients.send(server, range(500))
        killer.join()
        server.master.wait()
    before = len(clients.answered)
    assert 150 < before < 500
    with served(tmp_path, token=server.token) as again:
        clients.send(again, range(500, 700))
        assert len(clients.answered) == before + 200
        _check(again, clients)
