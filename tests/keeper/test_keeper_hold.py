"""The lock of a keeper's life."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from neira.errors.keeper import KeeperHeld
from neira.home import Home
from neira.keeper.hold import held, holder

if TYPE_CHECKING:
    from pathlib import Path

_HOLD = """
import sys
from pathlib import Path
from neira.home import Home
from neira.keeper.hold import held
with held(Home(Path(sys.argv[1]))):
    print("held", flush=True)
    input()
"""


def test_one_at_a_time_and_who_it_is(home: Path) -> None:
    """The second is told which process is the first; afterwards nobody is."""
    place = Home(home)
    assert holder(place) is None
    with held(place):
        assert holder(place) == os.getpid()
        with pytest.raises(KeeperHeld) as refused, held(place):
            pass
        assert refused.value.details == {"pid": os.getpid()}
    assert holder(place) is None


def test_a_killed_holder_holds_nothing(home: Path) -> None:
    """The kernel lets go; whoever waited is next."""
    place = Home(home)
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(home)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdin is not None
    other.stdout.readline()
    assert holder(place) == other.pid
    asked: list[int] = []

    def wait() -> bool:
        asked.append(1)
        other.kill()
        other.wait()
        return True

    with held(place, wait):
        assert holder(place) == os.getpid()
    assert asked == [1]
    other.stdout.close()
    other.stdin.close()
