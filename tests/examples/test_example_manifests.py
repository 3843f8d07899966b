"""All examples together: complete, current, and good to look at in a frontend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import ADMIN
from tests.examples.shown import SCRIPTS, show

if TYPE_CHECKING:
    from neira.kernel import Kernel

NAMES = sorted(path.stem for path in SCRIPTS.glob("*.yaml"))
MOST_LINES = 60  # of a script that is read in a minute


def test_every_script_has_its_manifest() -> None:
    """And the other way round."""
    assert sorted(path.stem for path in SCRIPTS.glob("*.rhai")) == NAMES
    assert {"ui_pencil", "counter", "router", "validator", "custom_filter"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_in_a_minute(name: str) -> None:
    """Short, and begins with what it is for."""
    lines = (SCRIPTS / f"{name}.rhai").read_text("utf-8").splitlines()
    assert len(lines) <= MOST_LINES
    assert lines[0].startswith("// ")


@pytest.mark.parametrize("name", NAMES)
def test_it_registers_at_its_place(live: Kernel, name: str) -> None:
    """The manifest names the script beside it and asks for nothing that somebody must approve."""
    shown = show(live, name)
    plugin = live.world.now().plugins.get(shown.id)
    assert plugin.entry == f"plugins/scripts/{name}.rhai"
    assert (plugin.live.asks, plugin.pending) == ((), None)


def test_all_of_them_live_side_by_side(live: Kernel) -> None:
    """No two share an id, an entry or an event."""
    shown = [show(live, name) for name in NAMES]
    assert len({each.id for each in shown}) == len(NAMES)
    assert len(list(live.tools(ADMIN))) == len(NAMES)
