"""A real kernel on a scratch home, with a clock that stands still until told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.changes.gates import SetGate
from neira.clock import SystemEntropy
from neira.founding import found
from neira.kernel import Kernel
from neira.model import Caller, GateName, GateState, Scope
from neira.settings import load
from tests.fakes import SteppedClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADMIN = Caller("test:admin", Scope.ADMIN)


@pytest.fixture
def clock() -> SteppedClock:
    """Give a clock that moves when told to."""
    return SteppedClock()


@pytest.fixture
def home(tmp_path: Path, clock: SteppedClock) -> Path:
    """Found a home in its embryo state."""
    return found(tmp_path / "home", clock=clock, entropy=SystemEntropy()).root


@pytest.fixture
def kernel(home: Path, clock: SteppedClock) -> Iterator[Kernel]:
    """Open that home."""
    with Kernel.open(home, load(home, {}), clock=clock) as opened:
        yield opened


@pytest.fixture
def live(kernel: Kernel) -> Kernel:
    """Open that home and the three gates of stage 1."""
    for name in ("ui_tools_registry", "runtime_scripting_rhai", "annotations_pencil"):
        kernel.change(SetGate(GateName(name), GateState.EXPERIMENTAL), ADMIN, why="test")
    return kernel


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers that tests may carry."""
    config.addinivalue_line("markers", "slow: takes seconds; `make test` leaves it out, `make check` runs it")
