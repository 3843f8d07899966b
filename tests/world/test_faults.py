"""What a kernel does when its home cannot be believed: it opens, brakes, says why, and goes on reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.changes.gates import SetGate
from neira.changes.safe_mode import LeaveSafeMode
from neira.errors.gate import SafeModeActive, SafeModeRemains
from neira.errors.home import NewerFormat, NotAHome
from neira.gates.safe_mode import Reason
from neira.kernel import Kernel
from neira.model import GateName, GateState
from neira.settings import load
from neira.upkeep.archiving import archive
from neira.upkeep.rebuild import rebuild
from tests.conftest import ADMIN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes import SteppedClock

DOOR = GateName("ui_tools_registry")


def _toggled(kernel: Kernel, times: int) -> None:
    for number in range(times):
        state = (GateState.EXPERIMENTAL, GateState.EMBRYO)[number % 2]
        kernel.change(SetGate(DOOR, state), ADMIN, why=f"{number}")


def _reopened(kernel: Kernel) -> Kernel:
    kernel.close()
    root = kernel.home.root
    return Kernel.open(root, load(root, {}), clock=kernel.clock)


def test_a_flipped_bit_brakes_the_next_start_and_reading_goes_on(kernel: Kernel) -> None:
    """The reason names the record; leaving is refused while the damage is there."""
    _toggled(kernel, 9)
    segment = kernel.home.journal / "000001.ndjson"
    raw = bytearray(segment.read_bytes())
    raw[len(raw) // 2] ^= 1
    segment.write_bytes(raw)
    with _reopened(kernel) as again:
        assert Reason.JOURNAL in again.safety.now().reasons
        assert again.health().status == "safe_mode"
        assert again.world.now().gates.state(DOOR) is GateState.EXPERIMENTAL
        with pytest.raises(SafeModeRemains):
            again.change(LeaveSafeMode(), ADMIN)
        raw[len(raw) // 2] ^= 1
        segment.write_bytes(raw)
        again.change(LeaveSafeMode(), ADMIN, why="restored the byte")
        assert again.health().status == "ready"


@pytest.mark.parametrize("file", ["capabilities/state.json", ".neira/tokens.json", "plugins/index.json"])
@pytest.mark.parametrize("damage", ["lost", "cut", "edited"])
def test_a_damaged_projection_is_named_served_from_the_journal_and_rebuilt(
    kernel: Kernel, file: str, damage: str
) -> None:
    """Nothing is forgotten meanwhile; the rebuild clears the reason."""
    _toggled(kernel, 3)
    kernel.close()
    path = kernel.home.root / file
    raw = path.read_bytes()
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(raw[: len(raw) // 2] if damage == "cut" else raw.replace(b'"seq"', b'"sEq"', 1))
    with _reopened(kernel) as again:
        why = again.safety.now().reasons[Reason.REGISTRY]
        assert path.name in why
        assert again.world.now().gates.state(DOOR) is GateState.EXPERIMENTAL
        with pytest.raises(SafeModeActive):
            again.change(SetGate(DOOR, GateState.STABLE), ADMIN)
        rebuilt = rebuild(again, "test")
        assert path.name in " ".join(rebuilt.faults)
        assert not again.safety.now().active
        assert path.exists()


def test_an_index_ahead_of_the_journal_is_not_believed(kernel: Kernel, home: Path) -> None:
    """An older journal under a newer index: somebody restored half a backup."""
    kernel.close()
    kept = {path: path.read_bytes() for path in (home / "journal").iterdir() if path.is_file()}
    with _reopened(kernel) as newer:
        _toggled(newer, 1)
    for path in (home / "journal").iterdir():
        path.unlink()
    for path, raw in kept.items():
        path.write_bytes(raw)
    with _reopened(kernel) as again:
        assert "the journal ends at" in again.safety.now().reasons[Reason.REGISTRY]
        assert again.world.now().gates.state(DOOR) is GateState.EMBRYO


def test_an_archived_journal_gives_the_same_world(kernel: Kernel) -> None:
    """The snapshot stands for what was moved away, also when every projection is lost."""
    _toggled(kernel, 5)
    before = kernel.world.now()
    moved = archive(kernel, "test", why="old")
    assert moved.segments
    kernel.close()
    for file in ("capabilities/state.json", ".neira/tokens.json", "plugins/index.json"):
        (kernel.home.root / file).unlink()
    with _reopened(kernel) as again:
        now = again.world.now()
        assert (now.gates.state(DOOR), now.plugins.plugins) == (
            GateState.EXPERIMENTAL,
            before.plugins.plugins,
        )


def test_the_setting_brakes_from_the_first_moment(home: Path, clock: SteppedClock) -> None:
    """NEIRA_SAFE_MODE=1 needs no API."""
    with Kernel.open(home, load(home, {"NEIRA_SAFE_MODE": "1"}), clock=clock) as kernel:
        assert Reason.ENV in kernel.safety.now().reasons
        with pytest.raises(SafeModeActive):
            kernel.change(SetGate(DOOR, GateState.EXPERIMENTAL), ADMIN)


def test_a_folder_that_is_no_home_is_refused(tmp_path: Path) -> None:
    """And one of a newer format by its number."""
    with pytest.raises(NotAHome):
        Kernel.open(tmp_path, load(tmp_path, {}))
    (tmp_path / ".neira").mkdir()
    (tmp_path / ".neira/home.json").write_text('{"format": 99}')
    with pytest.raises(NewerFormat):
        Kernel.open(tmp_path, load(tmp_path, {}))
