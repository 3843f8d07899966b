"""The doctor finds what is wrong with a home, one fault at a time, and says what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from neira.disk import Lock
from neira.home import Home
from neira.upkeep.doctor import examine
from neira.upkeep.finding import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from neira.upkeep.finding import Finding
    from tests.fakes import SteppedClock


def silent(done: int, total: int) -> None:
    """Show nothing."""


def of(home: Path, clock: SteppedClock, name: str) -> list[Finding]:
    """Examine a home and take the findings of one check."""
    return [each for each in examine(Home(home), clock=clock, progress=silent) if each.name == name]


def test_a_new_home_is_well(home: Path, clock: SteppedClock) -> None:
    """Nothing fails, nothing is warned of, every check has spoken."""
    found = examine(Home(home), clock=clock, progress=silent)
    assert {each.state for each in found} == {State.OK}, found
    assert len(found) >= 14


def _no_key(home: Path) -> None:
    (home / ".neira" / "keys" / "journal.ed25519").unlink()


def _no_public_key(home: Path) -> None:
    (home / ".neira" / "keys" / "journal.pub").unlink()


def _bad_gates(home: Path) -> None:
    (home / "capabilities" / "gates.yaml").write_text("gates: [", encoding="utf-8")


def _bad_settings(home: Path) -> None:
    (home / "neira.toml").write_text("[server]\nprot = 1\n", encoding="utf-8")


def _bad_card(home: Path) -> None:
    (home / ".neira" / "home.json").write_text('{"format": 99}', encoding="utf-8")


def _cut_journal(home: Path) -> None:
    (home / "journal" / "000001.ndjson").write_bytes(b"")


def _edited_index(home: Path) -> None:
    (home / "plugins" / "index.json").write_text("{}", encoding="utf-8")


def _open_keys(home: Path) -> None:
    (home / ".neira").chmod(0o755)


def _braked(home: Path) -> None:
    (home / "SAFE_MODE").touch()


def _missing_folder(home: Path) -> None:
    (home / "plugins" / "wasm").rmdir()


@pytest.mark.parametrize(
    ("harm", "name", "state"),
    [
        (_no_key, "keys", State.FAIL),
        (_no_public_key, "keys", State.FAIL),
        (_bad_gates, "gates", State.FAIL),
        (_bad_settings, "settings", State.FAIL),
        (_bad_card, "home", State.FAIL),
        (_cut_journal, "journal", State.FAIL),
        (_edited_index, "index", State.FAIL),
        (_open_keys, "permissions", State.WARN),
        (_braked, "safe mode", State.WARN),
        (_missing_folder, "home", State.WARN),
    ],
)
def test_each_harm_is_found_with_what_to_do(
    home: Path, clock: SteppedClock, harm: Callable[[Path], None], name: str, state: State
) -> None:
    """The check that concerns it says so, and every finding that is not well has a remedy."""
    harm(home)
    (found,) = of(home, clock, name)
    assert found.state is state
    assert found.remedy


def test_a_clock_that_went_back_is_found(home: Path, clock: SteppedClock) -> None:
    """A machine that is behind its own journal has lost its time."""
    clock.set_wall(clock.now() - timedelta(hours=1))
    (found,) = of(home, clock, "clock")
    assert found.state is State.FAIL


def test_a_held_lock_is_named_with_its_process(home: Path, clock: SteppedClock) -> None:
    """Whoever waits for a lock learns who has it."""
    with Lock(home / ".neira" / "locks" / "change.lock", clock).held():
        (found,) = of(home, clock, "locks")
    assert "change.lock by process" in found.text


def test_looking_changes_nothing_that_is_broken(home: Path, clock: SteppedClock) -> None:
    """A doctor names damage and leaves it as it is."""
    segment = home / "journal" / "000001.ndjson"
    segment.write_bytes(damaged := segment.read_bytes().replace(b"was created", b"was creates"))
    examine(Home(home), clock=clock, progress=silent)
    assert segment.read_bytes() == damaged
