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
from tests.system.served import PATIENT, Reply, Served, eventually, neira, open_files, served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
PLUGIN = "killed.three"
CLIENTS = 8
MANIFEST = {
    "id": PLUGIN,
    "version": "1.0.0",
    "kind": "script",
    "permissions": ["storage:read", "storage:write", "events:publish"],
    "events": [f"{PLUGIN}.go", f"{PLUGIN}.step"],
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

PUBLISHING = """
fn handle(event) {
    if event.event.ends_with(".step") { storage::save_annotation(event.params); return; }
    for step in 0..5 { events::publish("killed.three.step", #{number: event.params.number, step: step}); }
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


def _register(server: Served, source: str = SOURCE) -> None:
    sent = {"manifest": MANIFEST, "source": source, "enable": True}
    assert server.call("POST", "/api/neira/plugins", sent).status == 201


def _kill_workers(server: Served, clients: _Clients, every: int, upto: int) -> None:
    """Kill a random worker after every so many events, at any moment of what it does."""
    chance = random.Random(5)
    for count in range(every, upto, every):
        eventually(lambda count=count: clients.done >= count and server.boards(), seconds=60)  # type: ignore[misc]  # mypy infers no default
        time.sleep(chance.random() / 20)
        os.kill(chance.choice(server.workers()), signal.SIGKILL)


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


def _send_while_workers_die(server: Served, count: int, *, kills: int) -> _Clients:
    """Send events from all clients while random workers are killed; return when all is settled."""
    clients, every = _Clients(), count // (kills + 1)
    killer = threading.Thread(target=_kill_workers, args=(server, clients, every, every * kills + 1))
    killer.start()
    clients.send(server, range(count))
    killer.join()
    print(f"{len(clients.unknown)} answers were lost")
    assert clients.wrong == []
    eventually(lambda: not _unfinished(server))
    return clients


def test_killed_workers_leave_each_event_whole_or_not_at_all(tmp_path: Path) -> None:
    """A thousand events from eight clients, while random workers are killed."""
    with served(tmp_path, settings=PATIENT) as server:
        _register(server)
        clients = _send_while_workers_die(server, 1000, kills=10)
        assert clients.done == 1000
        _check(server, clients)


def test_what_was_published_is_taken_up_once_whoever_dies(tmp_path: Path) -> None:
    """Each committed publication has its one event; what a dead worker has left is taken up by one other."""
    with served(tmp_path, settings=PATIENT) as server:
        _register(server, PUBLISHING)
        _send_while_workers_die(server, 240, kills=8)
        eventually(lambda: not _waiting(server.records()), seconds=10)
        records = server.records()
        causes = Counter(_causes(records))
        assert set(causes) == set(_published(records))
        assert [each for each, count in causes.items() if count > 1] == []
        steps = [(each["number"], each["step"]) for each in _items(server.home, "annotations")]
        assert len(set(steps)) == len(steps)


def _published(records: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    for each in records:
        if each["kind"] == "event.result":
            for number, action in enumerate(each["payload"].get("actions", ())):
                if action["action"] == "publish_event":
                    yield each["seq"], number


def _causes(records: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    for each in records:
        if each["kind"] == "event.received" and (cause := each["data"].get("cause")):
            yield cause["seq"], cause["number"]


def _waiting(records: list[dict[str, Any]]) -> set[tuple[int, int]]:
    return set(_published(records)) - set(_causes(records))


def _unfinished(server: Served) -> list[Path]:
    """Find the boards of the dead, which somebody still has to look through."""
    living = set(server.boards().values())
    keeper = holder(Home(server.home))
    kept = set() if keeper is None else set(map(Path, open_files(keeper)))
    return [each for each in (server.home / ".neira/running").iterdir() if each not in living | kept]


def test_a_server_that_was_killed_as_a_whole_goes_on_where_it_was(tmp_path: Path) -> None:
    """Master, workers and keeper die at once amid the events; the next start finishes what was committed."""
    clients = _Clients()
    with served(tmp_path, settings=PATIENT) as server:
        _register(server)
        killer = threading.Thread(target=_kill_everything, args=(server, clients))
        killer.start()
        clients.send(server, range(500))
        killer.join()
        server.master.wait()
    before = len(clients.answered)
    assert 150 < before < 500
    with served(tmp_path, token=server.token, settings=PATIENT) as again:
        clients.send(again, range(500, 700))
        assert (len(clients.answered), clients.wrong) == (before + 200, [])
        _check(again, clients)
