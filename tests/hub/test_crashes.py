"""Processes killed while they run plugins: what they had begun is told once, what they had answered holds."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, cast

import pytest

from neira.changes.safe_mode import LeaveSafeMode
from neira.clock import SystemClock
from neira.founding import found
from neira.hub import crashes, running
from neira.hub.applier import RECEIVED, RESULT
from neira.hub.recovery import DIED
from neira.journal.verify import verify
from neira.kernel import Kernel
from neira.model import NEVER, Caller, PluginId, Scope
from neira.parse.event import EventForm
from neira.settings import load
from neira.state import tasks
from tests.conftest import ADMIN
from tests.fakes import SteppedClock
from tests.hub.event_sender import SENDER, used
from tests.hub.home_looks import items, line
from tests.hub.tool import HERE, ID, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from neira.ports import Clock

pytestmark = pytest.mark.slow

PATIENCE = 30.0
LONG = {"timeout_ms": 60_000, "fuel": 10**13, "operations": 10**13}
SETTINGS = "\n".join(f"script.most_{name} = {most}" for name, most in LONG.items())
SOURCE = """
fn handle(event) {
    if event.params.way == "hang" {
        storage::set("n", "half");
        loop {}
    }
    let n = (storage::get("n") ?? 0) + 1;
    storage::set("n", n);
    storage::save_annotation(#{ n: n });
    storage::save_message(#{ n: n });
    tasks::start("task", #{ n: n });
}
"""
PERMISSIONS = ("storage:read", "storage:write", "tasks:start")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Found a home with a plugin that counts, or hangs when it is told to."""
    home = found(tmp_path / "home", stage=1).root
    (home / "neira.toml").write_text(SETTINGS)
    with Kernel.open(home, load(home, {})) as kernel:
        Tool(kernel).register(SOURCE, permissions=PERMISSIONS, limits=LONG)
    return home


def start(root: Path, params: Mapping[str, str], *told: str, threads: int = 1) -> subprocess.Popen[str]:
    """Start a process that sends events."""
    command = [sys.executable, "-m", "tests.hub.event_sender", str(root), str(threads), json.dumps(params)]
    sender = subprocess.Popen([*command, *told], stdout=subprocess.PIPE, text=True)
    assert sender.stdout is not None
    assert sender.stdout.readline() == "open\n"
    return sender


def kill(sender: subprocess.Popen[str]) -> list[str]:
    """Kill it, and give what it had said to be done; what it was about to say does not count."""
    sender.send_signal(signal.SIGKILL)
    said, _ = sender.communicate()
    whole = said[: said.rfind("\n") + 1].splitlines()
    return [event for word, _, event in (each.partition(" ") for each in whole) if word == "done"]


def die_in_mid_run(root: Path, *told: str, **more: str) -> None:
    """Let a process hang in a run, and kill it there."""
    sender = start(root, {"way": "hang", **more}, *told)
    deadline = time.monotonic() + PATIENCE
    while not any(left.running for left in board(root)) and time.monotonic() < deadline:
        time.sleep(0.01)
    kill(sender)


def board(root: Path) -> Iterator[running.Left]:
    """Read what is running."""
    for path in (root / ".neira/running").iterdir():
        if path.suffix:
            continue
        fd = os.open(path, os.O_RDONLY)
        try:
            yield from running.read(path, fd)
        finally:
            os.close(fd)


def opened(root: Path, clock: Clock | None = None) -> Kernel:
    """Open the home."""
    return Kernel.open(root, load(root, {}), clock=clock)


def test_what_was_cut_off_is_said_to_be_interrupted_once(root: Path) -> None:
    """The event and its result, by whoever opens the home next; nothing of the run is there."""
    with opened(root) as kernel:
        before = kernel.journal.tail()[0]
    die_in_mid_run(root)
    for _ in range(2):
        with opened(root) as kernel:
            told = list(kernel.journal.after(before))
            assert Tool(kernel).values() == {}
        assert [line(each) for each in told] == ["received live", "result not_run", DIED]
    came, result, died = told
    assert (came.actor, came.data["receivers"], came.data["event"]) == (
        "token:sender",
        ["test.tool"],
        "test.tool.go",
    )
    assert result.data["event_id"] == came.data["event_id"]
    assert (result.data["reason"], result.data["was_running"]) == ("interrupted", True)
    assert (died.data["running"], died.data["events"]) == (["test.tool"], 1)
    assert verify(root).is_clean
    assert list((root / ".neira/running").iterdir()) == []


@pytest.mark.parametrize("bytes_more", [0, 30_000, 40_000, 120_000])
def test_an_event_of_any_size_is_told(root: Path, bytes_more: int) -> None:
    """With its params, and the plugin that ran is named."""
    pad = "x" * bytes_more
    die_in_mid_run(root, pad=pad)
    with opened(root) as kernel:
        came, result, died = list(kernel.journal.after(NEVER, kinds=(RECEIVED, RESULT, DIED)))
        assert isinstance(came.payload, dict)
        assert came.payload["params"] == {"way": "hang", "pad": pad}
        assert (result.data["plugin"], result.data["outcome"]) == ("test.tool", "not_run")
        assert died.data["running"] == ["test.tool"]


def test_a_key_of_an_interrupted_event_gets_that_answer_and_no_second_run(root: Path) -> None:
    """Whoever sends it again learns what became of it."""
    die_in_mid_run(root, "key-1")
    form = EventForm(ID, f"{ID}.go", {"way": "hang"}, HERE)
    with opened(root) as kernel:
        for _ in range(2):
            body = kernel.hub.handle(form, SENDER, request_id="r", use=used("key-1")).body
            (result,) = cast("list[dict[str, Any]]", body["results"])
            assert (result["outcome"], result["reason"]) == ("not_run", "interrupted")
        assert len(list(kernel.journal.after(NEVER, kinds=(RESULT,)))) == 1


@pytest.mark.parametrize("lost", [0, 1, 40, 400])
def test_what_the_disk_had_not_confirmed_is_made_again_of_the_journal(root: Path, lost: int) -> None:
    """As after a power cut: stores as they were at some moment before, the last line of a file torn."""
    keeps = ("context", ".neira")
    with opened(root) as kernel:
        for _ in range(3):
            Tool(kernel).send({"way": "count"})
        kernel.settle()
    for name in keeps:
        shutil.copytree(root / name, root.parent / name)
    with opened(root) as kernel:
        for _ in range(5):
            Tool(kernel).send({"way": "count"})
    torn = (root / "context/c1/s1.annotations.ndjson").read_bytes()
    for name in keeps:
        shutil.rmtree(root / name)
        shutil.copytree(root.parent / name, root / name)
    if lost:  # one file had come further than the others
        (root / "context/c1/s1.annotations.ndjson").write_bytes(torn[:-lost])
    (root / ".neira/shared").unlink()
    with opened(root) as kernel:
        assert len(check(kernel)) == 8


def test_a_living_process_finds_the_dead_as_well(root: Path) -> None:
    """It need not be started anew, and what itself runs is left alone."""
    with opened(root) as kernel:
        before = kernel.journal.tail()[0]
        die_in_mid_run(root)
        (death,) = kernel.recover()
        assert (death.running, death.interrupted) == (("test.tool",), 1)
        assert not kernel.recover()
        assert [line(each) for each in kernel.journal.after(before)][-1] == DIED
        assert Tool(kernel).ends({"way": "count"}) == "ok"


def test_three_deaths_in_one_plugin_within_a_minute_are_the_brake(root: Path) -> None:
    """The suspects are ranked, and starting without them is one call."""
    with opened(root) as kernel:
        other = Tool(kernel, PluginId("test.other"))
        other.register("fn handle(event) { throw 1; }")
        other.send({})
    for number in range(crashes.DEATHS):
        die_in_mid_run(root)
        with opened(root) as kernel:
            assert kernel.safety.now().active == (number == crashes.DEATHS - 1)
    with opened(root) as kernel:
        assert list(kernel.safety.now().reasons) == ["crash"]
        first, second = crashes.suspects(root, kernel.journal, kernel.world.now().plugins)
        assert (first["plugin"], first["running_at_deaths"]) == ("test.tool", 3)
        assert (second["plugin"], second["running_at_deaths"], second["failures"]) == ("test.other", 0, 1)
        writer = Caller("token:writer", Scope.WRITE)
        assert Tool(kernel).ends({"way": "count"}, writer) == "denied/safe_mode_active"
        left = kernel.change(LeaveSafeMode((PluginId("test.tool"),)), ADMIN, why="start without it")
        assert (left.body["enabled"], left.body["disabled"]) == (False, ["test.tool"])
    with opened(root) as kernel:
        assert not kernel.safety.now().active


@pytest.mark.parametrize("between", ["a minute", "a good run"])
def test_deaths_that_are_no_row_do_not_brake(root: Path, between: str) -> None:
    """Too long apart, or with a result of that plugin in between."""
    clock = SteppedClock(SystemClock().now())
    for _ in range(crashes.DEATHS):
        die_in_mid_run(root)
        with opened(root, clock) as kernel:
            if between == "a good run":
                assert Tool(kernel).ends({"way": "count"}) == "ok"
            else:
                clock.step(31)
            assert not kernel.safety.now().active


@pytest.mark.timeout(600)
def test_whatever_was_answered_is_there_once_at_whatever_moment_it_is_killed(root: Path) -> None:
    """In runs, between a commit and its application, within it: no event leaves half of its effects."""
    chance = random.Random(5)
    answered: set[str] = set()
    for number in range(30):
        sender = start(root, {"way": "count"}, threads=4)
        assert sender.stdout is not None
        if number % 5:  # else it is killed while it begins
            answered.add(sender.stdout.readline().split()[1])
        time.sleep(chance.uniform(0, 0.1))
        answered.update(kill(sender))
        with opened(root) as kernel:
            committed = check(kernel)
        assert answered <= committed
    assert answered
    assert verify(root).is_clean


def check(kernel: Kernel) -> set[str]:
    """Hold every store against the journal, and name the events whose effects are there."""
    came = [str(each.data["event_id"]) for each in kernel.journal.after(NEVER, kinds=(RECEIVED,))]
    results = list(kernel.journal.after(NEVER, kinds=(RESULT,)))
    assert (
        len(came) == len(set(came)) == len(results) == len({str(each.data["event_id"]) for each in results})
    )
    good = [str(each.data["event_id"]) for each in results if each.data["outcome"] == "ok"]
    place = kernel.home.context / "c1"
    for name in ("s1.annotations.ndjson", "s1.messages.ndjson"):
        lines: list[dict[str, Any]] = items(place / name) if good else []
        assert [each["event_id"] for each in lines] == good
        assert [each["n"] for each in lines] == list(range(1, len(good) + 1))
    queue = tasks.newest(kernel.movement.database.reading(), state=None, before=None, limit=100_000)
    assert sorted(each.id.partition(".")[0] for each in queue) == sorted(good)
    assert Tool(kernel).values() == ({"n": len(good)} if good else {})
    return set(good)
