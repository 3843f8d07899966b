"""Code that is switched while it is in use: no request fails, none runs a mixture, none runs what is over."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from neira.home import Home
from neira.registry import watch_notes
from tests.system.served import PATIENT, Line, Reply, Served, eventually, lines, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow
PLUGINS = "/api/neira/plugins"
PENCIL = f"{PLUGINS}/ui.pencil"
ENTRY = "plugins/scripts/ui_pencil.rhai"
SHIPPED = Path(__file__).parents[2] / "plugins/scripts"
RATE = 50  # requests a second, over all threads
EACH = 4  # of these threads for each worker
DRAW = {
    "tool_id": "ui.pencil",
    "event": "ui.pencil.draw",
    "params": {"color": "red", "points": [[1, 2]]},
    "context": {"chat_id": "c1", "session_id": "s1"},
}


def _script(mark: str) -> str:
    """Make a pencil that says in two places of its code, and of its annotation, which one it is."""
    source = (SHIPPED / "ui_pencil.rhai").read_text()
    marked = source.replace('tool: "pencil",', f'tool: "pencil", here: "{mark}", there: there(),')
    assert marked != source
    return marked + f'private fn there() {{ "{mark}" }}\n'


def _manifest(version: str = "0.1.0") -> str:
    return (SHIPPED / "ui_pencil.yaml").read_text().replace("version: 0.1.0", f"version: {version}")


def _register(server: Served, mark: str) -> None:
    sent = {"manifest": _manifest(), "source": _script(mark), "enable": True}
    assert server.call("POST", PLUGINS, sent).status == 201


def _mark(reply: Reply) -> str:
    """Read which pencil drew, and see that it drew all of it."""
    assert reply.status == 200, reply
    (result,) = reply.body["results"]
    assert result["outcome"] == "ok", result
    (action,) = result["actions"]
    assert action["params"]["here"] == action["params"]["there"]
    return str(action["params"]["here"])


@dataclass(slots=True)
class _Switches:
    """What has been made live, one after the other, and how far that has been answered."""

    begun: list[str]
    answered: int = 0
    drawn: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def check(self, line: Line) -> str:
        """Draw once, and hold what drew it against what could be live at that time."""
        first = self.answered
        mark = _mark(line.call("POST", "/ui/events", DRAW))
        assert mark in self.begun[first:], f"{mark} drew when {self.begun[first:]} were live"
        self.drawn.append(mark)
        return mark

    def draw(self, line: Line, done: threading.Event) -> None:
        """Draw until told to stop, at an even pace."""
        while not done.wait(2 * EACH / RATE):
            try:
                self.check(line)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test tells of it
                self.wrong.append(repr(error))


@contextmanager
def _drawing(server: Served, switches: _Switches) -> Iterator[None]:
    """Keep requests coming to both workers."""
    done = threading.Event()
    with lines(server, EACH) as kept:
        threads = [threading.Thread(target=switches.draw, args=(line, done)) for line in kept]
        for thread in threads:
            thread.start()
        try:
            eventually(lambda: len(switches.drawn) > len(kept))
            yield
        finally:
            done.set()
            for thread in threads:
                thread.join()
    assert switches.wrong == []


@dataclass(slots=True)
class _Person:
    """Somebody who changes a pencil that others draw with."""

    server: Served
    switches: _Switches
    looking: list[Line]  # one connection to each worker

    def switch(self, mark: str, path: str, body: Any) -> None:
        """Make a pencil live, and look through both workers as soon as that is answered."""
        self.switches.begun.append(mark)
        reply = self.server.call("POST", path, body)
        assert reply.status in {200, 201}, reply
        self.switches.answered = len(self.switches.begun) - 1
        assert {self.switches.check(line) for line in self.looking} == {mark}
        time.sleep(0.2)

    def edit(self, mark: str) -> None:
        """Write the file and say so; the watcher may have been faster, which makes no difference."""
        self.switches.begun.append(mark)
        (self.server.home / ENTRY).write_text(_script(mark))
        self.switch(mark, f"{PENCIL}/reload", {})

    def update(self, mark: str, version: str) -> None:
        """Upload the next version."""
        self.switch(mark, PLUGINS, {"manifest": _manifest(version), "source": _script(mark)})


def test_switches_under_load_are_whole_and_seen_by_both_workers_at_once(tmp_path: Path) -> None:
    """Fifty requests a second run all through edits, a rollback, an unpinning and updates."""
    with served(tmp_path, settings=PATIENT) as server:
        _register(server, "first")
        switches = _Switches(["first"])
        with lines(server, 1) as looking, _drawing(server, switches):
            person = _Person(server, switches, looking)
            for number in range(8):
                person.edit(f"edit {number}")
            person.switch("edit 6", f"{PENCIL}/rollback", {"why": "test"})
            person.switch("edit 6", PLUGINS, {"manifest": _manifest("0.2.0"), "source": _script("stored")})
            person.switch("edit 6", f"{PENCIL}/unpin", {})
            person.update("0.3.0", "0.3.0")
            person.edit("edited 0.3.0")
            person.update("0.4.0", "0.4.0")
            person.switch("edited 0.3.0", f"{PENCIL}/rollback", {"why": "test"})
            person.switch("edited 0.3.0", f"{PENCIL}/unpin", {})
            person.edit("last")
        _check_what_was_kept(server, switches)


def _check_what_was_kept(server: Served, switches: _Switches) -> None:
    """Each stroke is in the file once, and its record names the code that drew it."""
    saved = (server.home / "context/c1/s1.annotations.ndjson").read_text().splitlines()
    assert len(saved) == len(switches.drawn)
    marks: dict[str, set[str]] = {}
    for record in server.records():
        if record["kind"] == "event.result":
            (action,) = record["payload"]["actions"]
            marks.setdefault(record["data"]["digest"], set()).add(action["params"]["here"])
    assert all(len(each) == 1 for each in marks.values())
    assert set.union(*marks.values()) == set(switches.drawn) == set(switches.begun)


def test_the_watcher_switches_under_load_as_well(tmp_path: Path) -> None:
    """The file is edited and nobody calls anything: both workers come to run it, and no request fails."""
    with served(tmp_path, settings=PATIENT) as server:
        _register(server, "first")
        switches = _Switches(["first"])
        with lines(server, 1) as looking, _drawing(server, switches):
            for number in range(3):
                mark = f"edit {number}"
                switches.begun.append(mark)
                (server.home / ENTRY).write_text(_script(mark))
                eventually(lambda mark=mark: _mark(looking[0].call("POST", "/ui/events", DRAW)) == mark)  # type: ignore[misc]  # mypy infers no default
                switches.answered = number + 1
                assert {switches.check(line) for line in looking} == {mark}


def test_a_file_that_does_not_compile_leaves_the_old_code_running(tmp_path: Path) -> None:
    """The call says where the error is; the watcher notes it for the API and logs it; a mended file runs."""
    with served(tmp_path, settings=PATIENT) as server:
        _register(server, "good")
        broken = _script("bad").replace("let given = event.params;", "let given = event.params;;;)")
        (server.home / ENTRY).write_text(broken)
        refused = server.call("POST", f"{PENCIL}/reload", {})
        assert (refused.status, refused.body["code"]) == (400, "bad_code")
        assert refused.body["line"] == broken.splitlines().index("    let given = event.params;;;)") + 1
        note = eventually(lambda: watch_notes.read(Home(server.home)).get("ui.pencil"))
        assert (note["code"], note["details"]["line"]) == ("bad_code", refused.body["line"])
        assert server.call("GET", PENCIL).body["reload_error"] == note
        _check_logged(tmp_path / "server.log")
        with lines(server, 1) as looking:
            assert {_mark(line.call("POST", "/ui/events", DRAW)) for line in looking} == {"good"}
        (server.home / ENTRY).write_text(_script("mended"))
        eventually(lambda: _mark(server.call("POST", "/ui/events", DRAW)) == "mended")
        eventually(lambda: "reload_error" not in server.call("GET", PENCIL).body)


def _check_logged(log: Path) -> None:
    told = [json.loads(line) for line in log.read_text().splitlines() if "plugin not reloaded" in line]
    assert [(each["plugin"], each["code"]) for each in told] == [("ui.pencil", "bad_code")]


def test_code_whose_on_init_fails_is_not_switched_live(tmp_path: Path) -> None:
    """An update and a reload are refused and say why; the old code goes on, and no trace is left."""
    with served(tmp_path, settings=PATIENT) as server:
        _register(server, "good")
        failing = _script("bad") + 'fn on_init() { storage::set("begun", true); throw "no" }\n'
        sent = {"manifest": _manifest("0.2.0"), "source": failing}
        updated = server.call("POST", PLUGINS, sent)
        (server.home / ENTRY).write_text(failing)
        reloaded = server.call("POST", f"{PENCIL}/reload", {})
        for refused in (updated, reloaded):
            assert (refused.status, refused.body["code"]) == (422, "init_failed")
            assert refused.body["error"]["message"] == "no"
        shown = server.call("GET", PENCIL).body
        assert (shown["version"], shown["state"]) == ("0.1.0", "enabled")
        assert len(server.call("GET", f"{PENCIL}/versions").body["versions"]) == 1
        assert not [each for each in server.records() if each["kind"].startswith("event.")]
        with lines(server, 1) as looking:
            assert {_mark(line.call("POST", "/ui/events", DRAW)) for line in looking} == {"good"}


def _count(where: Served | Line) -> int:
    reply = where.call("POST", "/ui/events", {"tool_id": "counter", "event": "counter.add", "params": {}})
    assert reply.body["results"][0]["outcome"] == "ok", reply.body
    return int(reply.body["results"][0]["result"])


def test_a_rollback_takes_the_stored_values_back_if_it_is_asked_to(tmp_path: Path) -> None:
    """The counter counts on from where the version before had left it; without the wish it does not."""
    manifest, source = ((SHIPPED / f"counter.{end}").read_text() for end in ("yaml", "rhai"))
    newer = {"manifest": manifest.replace("1.0.0", "2.0.0"), "source": source + "// newer\n"}
    with served(tmp_path, settings=PATIENT) as server, lines(server, 1) as both:
        sent = {"manifest": manifest, "source": source, "enable": True}
        assert server.call("POST", PLUGINS, sent).status == 201
        assert [_count(both[number % 2]) for number in range(3)] == [1, 2, 3]
        assert server.call("POST", PLUGINS, newer).status == 200
        assert [_count(both[number % 2]) for number in range(4)] == [4, 5, 6, 7]
        back = {"with_state": True, "why": "test"}
        assert server.call("POST", f"{PLUGINS}/counter/rollback", back).body["version"] == "1.0.0"
        assert [_count(line) for line in both] == [4, 5]
        forth = {"version": "2.0.0", "why": "test"}
        assert server.call("POST", f"{PLUGINS}/counter/rollback", forth).body["version"] == "2.0.0"
        assert [_count(line) for line in both] == [6, 7]


def test_a_storm_of_touched_files_leaves_the_service_up(tmp_path: Path) -> None:
    """Ten thousand files come, are touched and go while requests run; then an edit is taken over."""
    with served(tmp_path, settings=PATIENT) as server:
        _register(server, "first")
        switches = _Switches(["first"])
        with _drawing(server, switches):
            _storm(server.home / "plugins/scripts")
            switches.begun.append("after")
            (server.home / ENTRY).write_text(_script("after"))
            with lines(server, 1) as looking:
                eventually(
                    lambda: {_mark(line.call("POST", "/ui/events", DRAW)) for line in looking} == {"after"}
                )


def _storm(scripts: Path) -> None:
    steps: tuple[Callable[[Path], object], ...] = (Path.touch, Path.touch, Path.unlink)
    for step in steps:
        for number in range(10_000):
            step(scripts / f"other{number}.rhai")
