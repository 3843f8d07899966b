"""A server with its keeper: edited files are taken over, and the keeper comes back and goes as it should."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from neira.clock import SystemClock
from neira.home import Home
from neira.keeper.ask import ask
from neira.keeper.hold import holder
from neira.registry import watch_notes
from tests.system.served import Served, neira, served

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow
PLUGINS = "/api/neira/plugins"
PLUGIN = "edited.one"
ENTRY = "plugins/scripts/edited.rhai"
SOURCE = "fn handle(event) { [] }\n"
PATIENCE = 30.0


def _await(what: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


def _register(server: Served) -> int:
    manifest = {"id": PLUGIN, "version": "1.0.0", "kind": "script", "entry": ENTRY}
    registered = server.call("POST", PLUGINS, {"manifest": manifest, "source": SOURCE})
    assert registered.status == 201
    return int(registered.body["revision"])


def _revision(server: Served) -> int:
    return int(server.call("GET", f"{PLUGINS}/{PLUGIN}").body["revision"])


def _keeper(server: Served) -> int:
    """Wait until there is a keeper, and name its process."""
    return int(_await(lambda: holder(Home(server.home))))


def _is_there(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _note(server: Served) -> Any:
    return watch_notes.read(Home(server.home)).get(PLUGIN)


def _reloads(server: Served) -> list[str]:
    lines = [json.loads(line) for line in neira("journal", "export", home=server.home).splitlines()]
    return [line["actor"] for line in lines if line.get("kind") == "plugin.reloaded"]


def test_an_edited_file_becomes_the_next_revision(tmp_path: Path) -> None:
    """Nobody calls anything: the file is written, and the API shows another revision, by the watcher."""
    with served(tmp_path) as server:
        before = _register(server)
        _keeper(server)
        (server.home / ENTRY).write_text(SOURCE + "// more\n")
        _await(lambda: _revision(server) > before)
        assert _reloads(server) == ["system:watch"]


def test_a_file_put_in_place_from_elsewhere_is_taken_over(tmp_path: Path) -> None:
    """Editors and deployments write beside the home and rename."""
    with served(tmp_path) as server:
        before = _register(server)
        _keeper(server)
        other = tmp_path / "other.rhai"
        other.write_text(SOURCE + "// from elsewhere\n")
        other.rename(server.home / ENTRY)
        _await(lambda: _revision(server) > before)


def test_a_file_that_cannot_be_loaded_is_shown_and_the_old_one_stays(tmp_path: Path) -> None:
    """The note names the error until the file is good again; meanwhile the revision does not move."""
    with served(tmp_path) as server:
        before = _register(server)
        _keeper(server)
        (server.home / ENTRY).write_bytes(b"fn handle(event) { \xff }\n")
        assert _await(lambda: _note(server))["code"]
        assert _revision(server) == before
        (server.home / ENTRY).write_text(SOURCE + "// mended\n")
        _await(lambda: _note(server) is None)
        assert _revision(server) > before
        assert len(_reloads(server)) == 1


def test_a_file_that_is_written_slowly_is_loaded_once_and_whole(tmp_path: Path) -> None:
    """Pieces come with pauses far longer than the debounce, and each of them would be a script."""
    with served(tmp_path) as server:
        before = _register(server)
        _keeper(server)
        with (server.home / ENTRY).open("w") as file:
            for number in range(4):
                file.write(f"// part {number}\n{SOURCE.replace('handle', f'handle_{number}')}")
                file.flush()
                time.sleep(0.7)
            file.write(SOURCE)
        _await(lambda: _revision(server) > before)
        assert len(_reloads(server)) == 1
        stored = {path.read_bytes() for path in (server.home / "plugins/store").rglob("*") if path.is_file()}
        assert (server.home / ENTRY).read_bytes() in stored
        assert len(stored) == 2


def test_a_storm_of_file_events_does_no_harm(tmp_path: Path) -> None:
    """Ten thousand files come and are touched; the edit among them is taken over, by the same keeper."""
    with served(tmp_path) as server:
        before = _register(server)
        keeper = _keeper(server)
        scripts = server.home / "plugins/scripts"
        for number in range(10_000):
            (scripts / f"other{number}.rhai").write_text(SOURCE)
        (server.home / ENTRY).write_text(SOURCE + "// in the storm\n")
        for number in range(10_000):
            (scripts / f"other{number}.rhai").touch()
        _await(lambda: _revision(server) > before)
        assert len(_reloads(server)) == 1
        assert len(server.call("GET", PLUGINS).body["plugins"]) == 1
        assert holder(Home(server.home)) == keeper


TOLD = """
fn on_tick(ms) { [#{action: "report_metric", params: #{name: "tick", value: ms}}] }
fn on_profile_switch(name) { [#{action: "report_metric", params: #{name: "profile", value: 1}}] }
"""


def test_plugins_are_told_of_time_and_of_a_switch(tmp_path: Path) -> None:
    """Ticks and lifecycle calls run as the plugin itself, and their actions are committed."""
    with served(tmp_path) as server:
        manifest = {
            "id": PLUGIN, "version": "1.0.0", "kind": "script",
            "permissions": ["metrics:report"], "tick": {"every_ms": 100},
        }  # fmt: skip
        sent = {"manifest": manifest, "source": TOLD, "enable": True}
        assert server.call("POST", PLUGINS, sent).status == 201
        _keeper(server)
        _await(lambda: len(_told(server)) >= 3)
        assert neira("keeper", "profile", "gaming", home=server.home) == "gaming"
        _await(lambda: "on_profile_switch" in _told(server))


def _told(server: Served) -> list[str]:
    """List the hooks that were called and asked for something."""
    lines = [json.loads(line) for line in neira("journal", "export", home=server.home).splitlines()]
    return [line["data"]["event"] for line in lines if line.get("kind") == "event.received"]


def test_a_killed_keeper_has_a_successor(tmp_path: Path) -> None:
    """The supervisor starts another one, which holds the lock, answers, and sees edited files."""
    with served(tmp_path) as server:
        before = _register(server)
        first = _keeper(server)
        os.kill(first, signal.SIGKILL)
        second = _await(lambda: holder(Home(server.home)) not in {None, first} and holder(Home(server.home)))
        (server.home / ENTRY).write_text(SOURCE + "// more\n")
        _await(lambda: _revision(server) > before)
        assert ask(Home(server.home), {"do": "status"}, SystemClock())["pid"] == second
        assert len(server.workers()) == 2


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_keeper_goes_with_its_server(tmp_path: Path, how: signal.Signals) -> None:
    """However the server ends, nothing of the keeper stays: no process, and no lock."""
    with served(tmp_path) as server:
        keeper = _keeper(server)
        supervisor = int(Path(f"/proc/{keeper}/stat").read_text().rpartition(")")[2].split()[1])
        server.master.send_signal(how)
        server.master.wait(15)
        _await(lambda: not _is_there(keeper) and not _is_there(supervisor))
        assert holder(Home(server.home)) is None


def test_two_servers_of_one_home_have_one_keeper_and_the_other_one_takes_over(tmp_path: Path) -> None:
    """The second server's keeper stands by until the first has gone."""
    with served(tmp_path) as first:
        one = _keeper(first)
        with served(tmp_path, token=first.token) as second:
            assert _keeper(second) == one
            first.master.terminate()
            first.master.wait(15)
            _await(lambda: holder(Home(second.home)) not in {None, one})


def test_a_server_may_do_without_a_keeper(tmp_path: Path) -> None:
    """The setting turns it off."""
    with served(tmp_path, settings={"NEIRA_KEEPER_ENABLED": "false"}) as server:
        assert server.call("GET", "/readyz").status == 200
        assert holder(Home(server.home)) is None
        assert len(server.workers()) == 2
