"""The supervisor has one keeper at a time, and none when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
PATIENCE = 20.0

# a keeper that writes down its process id and then waits, ends at once, or does not listen to anybody
_SUPERVISE = """
import os, signal, sys, time
from pathlib import Path
from neira.clock import SystemClock
from neira.keeper.keeper import STOPPING
from neira.keeper.supervisor import Supervisor

file, how, parent = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def keep():
    with file.open("a") as lines:
        lines.write(f"{os.getpid()}\\n")
    if how == "dies":
        raise ValueError("odd")
    if how == "waits":
        signal.sigwait(STOPPING)
    while how == "deaf":
        time.sleep(1)

Supervisor(keep, parent, SystemClock()).run()
"""
# a parent that does nothing but have a supervisor
_PARENT = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2], "waits", str(os.getpid())])
print(child.pid, flush=True)
child.wait()
"""


@contextmanager
def _supervised(file: Path, how: str, *, parent: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", _SUPERVISE, str(file), how, str(parent or os.getpid())]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _keepers(file: Path, least: int) -> list[int]:
    """Wait until that many keepers have begun."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = [int(line) for line in file.read_text().split()] if file.exists() else []
        if len(found) >= least:
            return found
        time.sleep(0.02)
    raise AssertionError("no keeper came")


def _await_gone(*pids: int) -> None:
    until = time.monotonic() + PATIENCE
    while any(_is_there(pid) for pid in pids):
        assert time.monotonic() < until
        time.sleep(0.02)


def _is_there(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_keeper_that_dies_has_a_successor_each_time(tmp_path: Path) -> None:
    """Killed from outside, or by its own fault; never two at once."""
    file = tmp_path / "pids"
    with _supervised(file, "waits"):
        for number in range(1, 4):
            keeper = _keepers(file, number)[-1]
            assert _is_there(keeper)
            os.kill(keeper, signal.SIGKILL)
        _keepers(file, 4)
    other = tmp_path / "others"
    with _supervised(other, "dies"):
        assert len(_keepers(other, 3)) <= 4  # it comes back later each time


@pytest.mark.parametrize("how", ["waits", "deaf"])
def test_the_supervisor_ends_its_keeper_first(tmp_path: Path, how: str) -> None:
    """One that listens ends by itself, one that does not is killed."""
    file = tmp_path / "pids"
    with _supervised(file, how) as process:
        (keeper,) = _keepers(file, 1)
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert not _is_there(keeper)


def test_a_killed_supervisor_leaves_no_keeper(tmp_path: Path) -> None:
    """The kernel tells the keeper."""
    file = tmp_path / "pids"
    with _supervised(file, "waits") as process:
        (keeper,) = _keepers(file, 1)
        process.kill()
        process.wait()
        _await_gone(keeper)


def test_both_end_with_the_parent_however_it_ends(tmp_path: Path) -> None:
    """A server that is killed leaves nothing behind."""
    file = tmp_path / "pids"
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, _SUPERVISE, str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert parent.stdout is not None
    supervisor = int(parent.stdout.readline())
    (keeper,) = _keepers(file, 1)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _await_gone(supervisor, keeper)


def test_a_supervisor_whose_parent_is_gone_already_ends_at_once(tmp_path: Path) -> None:
    """It is told who its parent was; somebody else's child it is not."""
    with _supervised(tmp_path / "pids", "waits", parent=1) as process:
        assert process.wait(PATIENCE) == 0
