"""Hints are heard, gathered and followed by one look; without them a change is found all the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from neira.clock import SystemClock
from neira.home import Home
from neira.keeper.chore import Loop
from neira.keeper.chores.watch import POLL, SWEEP, Watch
from neira.keeper.rescan import Findings
from neira.model import PluginId
from neira.registry.watcher import LONGEST_WAIT, QUIET, STORM, Hint, Watcher
from tests.fakes import SteppedClock
from tests.keeper.parts import ListLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 20.0


class Looks:
    """A rescan that only counts."""

    def __init__(self, *unsettled: bool) -> None:
        self.count = 0
        self._unsettled = list(unsettled)

    def run(self) -> Findings:
        """Count one look."""
        self.count += 1
        still = self._unsettled.pop(0) if self._unsettled else False
        return Findings(unsettled=(PluginId("p"),) if still else ())


class Deaf(Watcher):
    """What a system without watches comes to."""

    def listen(self) -> bool:
        """Hear nothing."""
        return False


def _await(what: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


@pytest.fixture
def heard(home: Path) -> Iterator[tuple[Path, Hint, Watcher]]:
    """Listen to a home's scripts."""
    folder = home / "plugins" / "scripts"
    hint = Hint(SystemClock())
    watcher = Watcher([folder, home / "plugins" / "missing"], hint)
    assert watcher.listen()
    yield folder, hint, watcher
    watcher.stop()


def test_a_hint_is_due_when_it_is_quiet_or_has_waited_long_enough() -> None:
    """Any number of events is one hint: 0.2 s after the last, at most 2 s after the first."""
    clock = SteppedClock()
    hint, woken = Hint(clock), []
    hint.wake = lambda: woken.append(1)
    assert hint.due() is None
    start = clock.monotonic()
    hint.give()
    assert hint.due() == start + QUIET
    for _ in range(30):
        clock.step(0.1)
        hint.give()
    assert hint.due() == start + LONGEST_WAIT
    assert woken == [1]
    hint.take()
    assert hint.due() is None


@pytest.mark.parametrize("how", ["write", "rename", "new folder", "full folder", "append"])
def test_what_people_do_to_files_is_heard(heard: tuple[Path, Hint, Watcher], how: str) -> None:
    """Written in place, put in place, inside a folder that was not there before, added to."""
    folder, hint, _ = heard
    if how == "write":
        (folder / "a.rhai").write_text("x")
    elif how == "rename":
        outside = folder.parent / "b"
        outside.write_text("x")
        outside.rename(folder / "b.rhai")
    elif how == "new folder":
        (folder / "deep").mkdir()
        time.sleep(0.3)
        (folder / "deep" / "c.rhai").write_text("x")
    elif how == "full folder":
        (folder.parent / "full").mkdir()
        (folder.parent / "full" / "c.rhai").write_text("x")
        (folder.parent / "full").rename(folder / "full")
    else:
        (folder / "d.rhai").write_text("x")
        _await(lambda: hint.due() is not None)
        hint.take()
        with (folder / "d.rhai").open("a") as file:
            file.write("y")
    _await(lambda: hint.due() is not None)


def test_a_folder_that_was_replaced_is_listened_to_anew(heard: tuple[Path, Hint, Watcher]) -> None:
    """Somebody moves the folder away and makes another one."""
    folder, hint, watcher = heard
    folder.rename(folder.with_name("old"))
    folder.mkdir()
    assert watcher.listen()
    hint.take()
    (folder / "a.rhai").write_text("x")
    _await(lambda: hint.due() is not None)


_WITHOUT_DESCRIPTORS = """
import os, resource, sys
from pathlib import Path
from neira.clock import SystemClock
from neira.registry.watcher import Hint, Watcher
hint = Hint(SystemClock())
watcher = Watcher([Path(sys.argv[1])], hint)
free = os.dup(0)
os.close(free)
before = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (free, before[1]))
assert not watcher.listen() and not watcher.hears
resource.setrlimit(resource.RLIMIT_NOFILE, before)
assert watcher.listen() and watcher.hears
watcher.stop()
assert not watcher.hears
"""


def test_a_system_that_has_nothing_left_is_no_failure(home: Path) -> None:
    """Listening is refused, and works as soon as there is room again."""
    scripts = home / "plugins" / "scripts"
    subprocess.run([sys.executable, "-c", _WITHOUT_DESCRIPTORS, str(scripts)], check=True, timeout=60)


def test_the_files_are_looked_at_now_and_then_anyway(home: Path) -> None:
    """Once at the start, then each 30 s; a file that is still being written is looked at again soon."""
    clock, looks = SteppedClock(), Looks(False, True)
    chore = Watch(Home(home), looks.run, clock)
    chore.open(lambda: None)
    assert (chore.turn(), looks.count) == (SWEEP, 1)
    clock.step(SWEEP - 1)
    assert (chore.turn(), looks.count) == (1.0, 1)
    clock.step(1.0)
    assert (round(chore.turn(), 3), looks.count) == (QUIET, 2)
    clock.step(QUIET)
    assert (chore.turn(), looks.count) == (SWEEP, 3)
    chore.close()


def test_without_ears_the_files_are_looked_at_often(tmp_path: Path) -> None:
    """The same look, every two seconds, where nothing can be heard."""
    clock, looks = SteppedClock(), Looks()
    chore = Watch(Home(tmp_path), looks.run, clock, listening=Deaf)
    chore.open(lambda: None)
    assert chore.turn() == POLL
    clock.step(POLL)
    assert (chore.turn(), looks.count) == (POLL, 2)
    chore.close()


@pytest.mark.parametrize("how", ["touch", "create", "rename"])
def test_a_storm_of_ten_thousand_events_is_a_few_looks(home: Path, how: str) -> None:
    """The chore lives, looks a few times, and hears the next edit as ever."""
    folder = home / "plugins" / "scripts"
    paths = [folder / f"f{number}" for number in range(10 * STORM)]
    if how != "create":
        for path in paths:
            path.touch()
    looks, log = Looks(), ListLog()
    chore = Watch(Home(home), looks.run, SystemClock())
    loop = Loop(chore, SystemClock(), log)
    loop.start()
    _await(lambda: looks.count)
    before = looks.count
    for path in paths:
        if how == "rename":
            path.rename(path.with_suffix(".moved"))
        elif how == "touch":
            os.utime(path)
            path.open("a").close()
        else:
            path.write_text("x")
    _await(lambda: chore._hint.due() is None and chore.facts()["hears"])
    assert 1 <= looks.count - before <= 40
    calm = looks.count
    _await(lambda: _heard(folder, looks, calm))
    loop.stop()
    assert loop.join(PATIENCE)
    assert log.lines == []


def _heard(folder: Path, looks: Looks, calm: int) -> bool:
    (folder / "edited.rhai").write_text("x")
    time.sleep(0.3)
    return looks.count > calm
