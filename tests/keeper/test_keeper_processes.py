"""Processes that begin and end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from neira.clock import SystemClock
from neira.keeper.audience import Audience
from neira.keeper.chores.processes import EXIT, LAUNCH, MOST_A_SECOND, Processes
from neira.model import PluginId
from tests.keeper.parts import ToldHooks

BOTH = {"on_process_launch": [PluginId("a")], "on_process_exit": [PluginId("a")]}


def _chore(hooks: ToldHooks, every: float, proc: Path = Path("/proc")) -> Processes:
    audiences = {word: Audience(word, hooks, lambda: (0, 0), SystemClock()) for word in (LAUNCH, EXIT)}
    return Processes(hooks, audiences, every, proc)


def _process(proc: Path, pid: int, name: str, started: int = 100) -> None:
    (proc / str(pid)).mkdir(exist_ok=True)
    (proc / str(pid) / "stat").write_text(f"{pid} ({name}) S {'0 ' * 18}{started} 0 0\n")


def _gone(proc: Path, pid: int) -> None:
    (proc / str(pid) / "stat").unlink()
    (proc / str(pid)).rmdir()


def test_what_is_new_and_what_is_gone_is_told_once(tmp_path: Path) -> None:
    """Processes that were there before are no news; a number that is used again is an end and a beginning."""
    hooks = ToldHooks(**BOTH)
    chore = _chore(hooks, 1.0, tmp_path)
    (tmp_path / "self").mkdir()
    _process(tmp_path, 1, "init")
    chore.turn()
    _process(tmp_path, 7, "a) (b")
    chore.turn()
    _process(tmp_path, 7, "renamed by exec")
    chore.turn()
    _process(tmp_path, 7, "other", started=200)
    chore.turn()
    _gone(tmp_path, 7)
    chore.turn()
    assert hooks.told == [
        ("on_process_launch", ("a) (b", 7)),
        ("on_process_exit", ("renamed by exec", 7)),
        ("on_process_launch", ("other", 7)),
        ("on_process_exit", ("other", 7)),
    ]


def test_nobody_is_told_and_nothing_is_read_while_nobody_listens(tmp_path: Path) -> None:
    """Without a listener the folder is not even opened, and what happened meanwhile stays unknown."""
    hooks = ToldHooks()
    chore = _chore(hooks, 1.0, tmp_path / "missing")
    chore.turn()
    assert chore.facts()["listening"] is False


def test_a_flood_is_cut_and_counted(tmp_path: Path) -> None:
    """More than the bound in one look are dropped, not kept for later."""
    hooks = ToldHooks(on_process_launch=[PluginId("a")])
    chore = _chore(hooks, 1.0, tmp_path)
    chore.turn()
    for pid in range(1, MOST_A_SECOND + 51):
        _process(tmp_path, pid, "storm")
    chore.turn()
    chore.turn()
    assert len(hooks.told) == MOST_A_SECOND
    assert chore.facts()["dropped"] == 50


def test_a_real_process_is_seen() -> None:
    """Begin one, end it, and both are told with its name."""
    hooks = ToldHooks(**BOTH)
    chore = _chore(hooks, 1.0)
    chore.turn()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    chore.turn()
    child.communicate(b"\n")
    chore.turn()
    seen = [word for word, (_, pid) in hooks.told if pid == child.pid]
    assert seen == ["on_process_launch", "on_process_exit"]
