"""A real keeper in a process of its own, and the verbs that speak to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from neira.clock import SystemClock
from neira.errors.keeper import KeeperRefused
from neira.home import Home
from neira.keeper.ask import ask
from neira.keeper.hold import holder
from neira.keeper.table import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neira.model import JsonObject

pytestmark = pytest.mark.slow
PATIENCE = 30.0
CHORES = ["watch", "recover", "tick", "pressure", "processes", "tasks", "settle"]


def _run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "neira", "--home", str(home), "keeper", *words]
    surroundings = {"PATH": os.defpath, "LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=surroundings)


@pytest.fixture
def keeper(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run one in the foreground."""
    command = [sys.executable, "-m", "neira", "--home", str(home), "keeper", "run"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    until = time.monotonic() + PATIENCE
    while not (home / ".neira" / "keeper.sock").exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    yield process
    process.kill()
    process.wait()


def _ask(home: Path, **request: Any) -> Any:
    return ask(Home(home), request, SystemClock())


def test_without_a_keeper_the_verbs_say_so(home: Path) -> None:
    """With the exit code of what is unavailable; the profile can be read by anybody."""
    assert _run(home, "status").returncode == 7
    assert _run(home, "profile", "gaming").returncode == 7
    assert _run(home, "profile").stdout == "balanced\n"


def test_a_home_has_one_keeper(home: Path, keeper: subprocess.Popen[bytes]) -> None:
    """The second is told who the first is, and the status shows it at work."""
    second = _run(home, "run", "--json")
    assert second.returncode == 7
    assert json.loads(second.stdout)["pid"] == keeper.pid
    status = json.loads(_run(home, "status", "--json").stdout)
    assert status["pid"] == keeper.pid
    assert [chore["name"] for chore in status["chores"]] == CHORES
    assert all(name in _run(home, "status").stdout for name in CHORES)


def test_the_chores_run_without_failing(home: Path, keeper: subprocess.Popen[bytes]) -> None:
    """Each has had its turn, and none has met an error."""
    until = time.monotonic() + PATIENCE
    while not all(chore["runs"] > 1 for chore in _ask(home, do="status")["chores"]):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert [chore["last_error"] for chore in _ask(home, do="status")["chores"]] == [None] * len(CHORES)


def test_the_profile_is_switched_and_kept(home: Path, keeper: subprocess.Popen[bytes]) -> None:
    """A word that is no name is refused before anybody is asked."""
    assert _run(home, "profile", "gaming").stdout == "gaming\n"
    assert _ask(home, do="profile") == {"profile": "gaming", "switched": False}
    assert _ask(home, do="status")["profile"] == "gaming"
    assert _run(home, "profile", "No Name").returncode == 6


def test_every_word_is_answered_and_no_other(home: Path, keeper: subprocess.Popen[bytes]) -> None:
    """What is surplus is refused, not ignored."""
    for word in REQUESTS:
        assert _ask(home, do=word)
        with pytest.raises(KeeperRefused):
            _ask(home, do=word, surplus=1)
    others: list[JsonObject] = [
        {},
        {"do": 1},
        {"do": "fly"},
        {"do": ["status"]},
        {"do": "profile", "name": 5},
    ]
    for request in others:
        with pytest.raises(KeeperRefused):
            ask(Home(home), request, SystemClock())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(home: Path, keeper: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Exit code 0, no socket, no lock."""
    keeper.send_signal(how)
    assert keeper.wait(PATIENCE) == 0
    assert holder(Home(home)) is None
    assert not (home / ".neira" / "keeper.sock").exists()
