"""How short the memory is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neira.keeper.chores.pressure import CRITICAL, HIGH, NORMAL, Pressure, Strain, level, strain
from tests.keeper.parts import ListLog, ToldHooks

STRAINS = st.builds(Strain, st.floats(0, 100), st.floats(0, 100), st.floats(0, 1))


def _machine(proc: Path, *, some: float = 0.0, full: float = 0.0, left_kb: int = 900) -> None:
    (proc / "pressure").mkdir(exist_ok=True)
    (proc / "pressure" / "memory").write_text(
        f"some avg10={some} avg60=99.00 avg300=99.00 total=1\nfull avg10={full} avg60=99.00 total=1\n"
    )
    (proc / "meminfo").write_text(f"MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: {left_kb} kB\n")


def test_plugins_are_told_each_change_of_level_once(tmp_path: Path) -> None:
    """Up, further up, a little down without a word, and down again."""
    plugins = ToldHooks()
    chore = Pressure(plugins, ListLog(), tmp_path)
    for some, left in ((0, 900), (25, 900), (25, 900), (70, 900), (50, 900), (25, 900), (15, 900), (3, 900)):
        _machine(tmp_path, some=some, left_kb=left)
        chore.turn()
    _machine(tmp_path, left_kb=30)
    chore.turn()
    assert plugins.told == [
        ("on_memory_pressure", (said,)) for said in (HIGH, CRITICAL, HIGH, NORMAL, CRITICAL)
    ]


def test_a_machine_that_tells_nothing_is_not_short(tmp_path: Path) -> None:
    """No such files, or files with other words."""
    assert strain(tmp_path) == Strain()
    _machine(tmp_path)
    (tmp_path / "meminfo").write_text("MemTotal: 0 kB\nhello\n")
    (tmp_path / "pressure" / "memory").write_bytes(b"\xff\xfe")
    assert strain(tmp_path) == Strain()


def test_this_machine_can_be_read() -> None:
    """The real files have the words that are looked for."""
    assert 0.0 < strain(Path("/proc")).left < 1.0


@given(STRAINS, st.sampled_from([NORMAL, HIGH, CRITICAL]))
def test_a_level_that_was_reached_is_kept_while_nothing_changes(seen: Strain, before: int) -> None:
    """The same facts twice never give two levels; what was said before can only keep it higher."""
    now = level(seen, before)
    assert level(seen, now) == now
    assert now >= level(seen, NORMAL)


@pytest.mark.parametrize("before", [NORMAL, HIGH, CRITICAL])
def test_a_machine_at_rest_is_normal_whatever_was(before: int) -> None:
    """Nothing sticks."""
    assert level(Strain(), before) == NORMAL
