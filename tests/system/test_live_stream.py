"""Event streams of a real server: all is told once and in order, by either worker, to those it concerns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.system.served import Listener, Served, eventually, lines, neira, served

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.served import Heard, Line

pytestmark = pytest.mark.slow
PLUGINS = "/api/neira/plugins"
SOURCE = """
fn handle(event) {
    notify::show("Told", `number ${event.params.number}`);
    if event.params.later == true { tasks::start("later"); }
}
fn on_task(task) { }
"""


def _register(server: Served, name: str) -> None:
    manifest = {
        "id": name,
        "version": "1.0.0",
        "kind": "script",
        "permissions": ["notify:show", "tasks:start"],
        "ui": {"buttons": [{"id": "go", "title": "Go", "event": f"{name}.go"}]},
    }
    sent = {"manifest": manifest, "source": SOURCE, "enable": True}
    assert server.call("POST", PLUGINS, sent).status == 201


def _send(where: Served | Line, name: str, number: int, **more: Any) -> None:
    params = {"number": number, **more}
    reply = where.call("POST", "/ui/events", {"tool_id": name, "event": f"{name}.go", "params": params})
    assert reply.body["results"][0]["outcome"] == "ok", reply


def _listener(server: Served, worker: int, *, after: int | None = None) -> Listener:
    """Listen to one of the workers."""
    while True:
        listener = Listener(server, after=after)
        if listener.worker == worker:
            return listener
        listener.close()


def _numbers(frames: list[Heard]) -> list[int]:
    """Name the notifications that came, in their order."""
    told = [each.data.get("notifications", ()) for each in frames if each.event == "event.result"]
    return [int(shown["message"].split()[1]) for each in told for shown in each]


def test_changes_results_and_notifications_are_heard_through_both_workers(tmp_path: Path) -> None:
    """Two readers, one at each worker, hear the same, whichever worker did it."""
    with served(tmp_path) as server, lines(server, 1) as both:
        readers = [_listener(server, line.worker) for line in both]
        _register(server, "told.one")
        for number in range(10):
            _send(both[number % 2], "told.one", number)
        both[0].call("POST", f"{PLUGINS}/told.one/disable", {"why": "test"})
        for reader in readers:
            eventually(lambda reader=reader: reader.frames and reader.frames[-1].event == "plugin.disabled")  # type: ignore[misc]  # mypy infers no default
            reader.close()
        assert readers[0].frames == readers[1].frames
        frames = readers[0].frames
        assert [each.event for each in frames] == [
            "plugin.registered", *["event.result"] * 10, "plugin.disabled",
        ]  # fmt: skip
        assert _numbers(frames) == list(range(10))
        assert frames[1].data["plugin"] == "told.one"
        assert (frames[1].data["outcome"], frames[1].data["mode"]) == ("ok", "live")


def test_a_stream_goes_on_where_it_ended_at_either_worker(tmp_path: Path) -> None:
    """A reader that hangs up again and again misses nothing and hears nothing twice."""
    with served(tmp_path) as server, lines(server, 1) as both:
        _register(server, "told.one")
        start = server.records()[-1]["seq"]
        heard: list[Heard] = []
        for turn in range(8):
            after = heard[-1].seq if heard else start
            _send(both[turn % 2], "told.one", 3 * turn)
            with _listener(server, both[turn // 2 % 2].worker, after=after) as reader:
                _send(both[0], "told.one", 3 * turn + 1)
                eventually(lambda reader=reader: reader.frames)  # type: ignore[misc]  # mypy infers no default
            heard += reader.frames  # perhaps not all there was: the next one hears the rest
            _send(both[1], "told.one", 3 * turn + 2)
        with Listener(server, after=heard[-1].seq) as reader:
            eventually(lambda: 23 in _numbers(reader.frames))
        numbers = _numbers(heard + reader.frames)
        assert numbers == list(range(24))


def test_a_bound_reader_hears_of_its_own_plugins_alone(tmp_path: Path) -> None:
    """Changes, results, notifications and tasks of others are not told to it, live or resumed."""
    with served(tmp_path) as server:
        words = ("token", "create", "bound", "--scope", "read", "--namespace", "mine")
        bound = replace(server, token=neira(*words, home=server.home))
        with Listener(server) as everybody, Listener(bound) as reader:
            for number, name in enumerate(("other.one", "mine.one")):
                _register(server, name)
                _send(server, name, number, later=True)
            for each in (everybody, reader):
                eventually(lambda each=each: _tasks_done(each) == {everybody: 2, reader: 1}[each])  # type: ignore[misc]  # mypy infers no default
        with Listener(bound, after=1) as again:
            eventually(lambda: again.frames and again.frames[-1].seq >= reader.frames[-1].seq)
        mine = {"mine.one", None}
        for told in (reader.frames, again.frames):
            assert {each.data.get("plugin") for each in told} <= mine, told
            assert _numbers(told) == [1]
            assert [each.data["state"] for each in told if each.event == "task.moved"] == ["running", "done"]


def _tasks_done(reader: Listener) -> int:
    moved = [each.data["state"] for each in reader.frames if each.event == "task.moved"]
    return moved.count("done")
