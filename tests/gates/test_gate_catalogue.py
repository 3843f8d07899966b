"""gates.yaml: the shipped file, a home's own file, and every way to write one wrongly."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors import NeiraError
from neira.errors.gate import InvalidGates, UnknownGate
from neira.gates import catalogue
from neira.gates.gate import Reached, Step
from neira.gates.wording import key
from neira.model import GateName, GateState
from neira.parse.near import slips_between
from tests.gates.gate_worlds import PENCIL, RHAI, SHIPPED, TOOLS, WASM

REPO = Path(__file__).parents[2]

WHOLE = """\
format: 1
gates:
  night_mode:
    title: {en: Night, ru: Ночь}
    aliases: [dark]
    default: embryo
    notes: Dark at night.
    guards: [the light]
    signals: [runs, verify_clean]
    safeguards: [a lamp]
    criteria:
      open: [{gate: ui_tools_registry, at_least: experimental}]
      stable: [{signal: runs, at_least: 10}, {signal: verify_clean, is: yes}]
"""


def problems(text: str) -> list[tuple[str, str | None]]:
    """Read a file that must be refused; give the path and the suggestion of each mistake."""
    with pytest.raises(InvalidGates) as refused:
        catalogue.read(text.encode(), base=SHIPPED)
    return [(problem.path, problem.suggestion) for problem in refused.value.problems]


def test_the_repo_as_a_home_has_the_shipped_gates() -> None:
    """The copy that people read and the one inside the package are the same bytes."""
    assert (REPO / "capabilities/gates.yaml").read_bytes() == catalogue.shipped_text()


def test_a_new_home_starts_with_three_gates_in_embryo_and_the_rest_locked() -> None:
    """The defaults are those of the embryo policy."""
    embryo = {gate.name for gate in SHIPPED if gate.default is GateState.EMBRYO}
    assert embryo == {TOOLS, RHAI, PENCIL}
    assert {gate.name for gate in SHIPPED} - embryo == {
        "runtime_wasm_plugins",
        "runtime_components",
        "runtime_container_plugins",
        "marketplace",
        "lattice",
    }


def test_the_gates_of_stage_one_open_without_criteria() -> None:
    """Criteria guard their `stable` only; modules wait for stable scripts."""
    for name in (TOOLS, RHAI, PENCIL):
        steps = {criterion.step for criterion in SHIPPED.get(name).criteria}
        assert steps == {Step.STABLE}
    opening = [each.condition for each in SHIPPED.get(WASM).criteria if each.step is Step.OPEN]
    assert Reached(RHAI, GateState.STABLE) in opening


def test_every_shipped_gate_says_what_it_guards_and_how_it_protects() -> None:
    """No entry is empty where an answer would have to show it."""
    assert all(gate.guards and gate.safeguards and gate.signals and gate.notes for gate in SHIPPED)


def test_names_of_different_shipped_gates_are_more_than_a_typo_apart() -> None:
    """A slip of one letter can never name another gate."""
    called = [(key(name), gate.name) for gate in SHIPPED for name in gate.called]
    close = [
        (one, other)
        for one, first in called
        for other, second in called
        if first != second and slips_between(one, other) <= 1
    ]
    assert close == []


def test_a_home_adds_to_the_shipped_gates(tmp_path: Path) -> None:
    """A file with one gate of its own leaves the shipped ones where they are."""
    (tmp_path / "capabilities").mkdir()
    (tmp_path / "capabilities/gates.yaml").write_text(WHOLE)
    mine = catalogue.of_home(tmp_path)
    assert mine.get("night_mode").title.ru == "Ночь"
    assert len(mine.gates) == len(SHIPPED.gates) + 1


def test_a_home_without_the_file_has_the_shipped_gates(tmp_path: Path) -> None:
    """Nothing opens and nothing breaks when the file is gone."""
    assert catalogue.of_home(tmp_path) == SHIPPED


def test_a_linked_file_is_refused(tmp_path: Path) -> None:
    """Gates are read from the home alone."""
    (tmp_path / "capabilities").mkdir()
    (tmp_path / "capabilities/gates.yaml").symlink_to(REPO / "capabilities/gates.yaml")
    with pytest.raises(NeiraError):
        catalogue.of_home(tmp_path)


def test_all_mistakes_are_named_at_once() -> None:
    """Each with its path, and with what was probably meant."""
    broken = (
        WHOLE.replace("title:", "titel:")
        .replace("embryo", "embrio")
        .replace("[runs, verify_clean]", "[runs, verify_clean, p99ms]")
        .replace("at_least: 10", "at_least: 1e3")
        .replace("{gate: ui_tools_registry,", "{gate: ui_tool_registry,")
    )
    found = problems(broken)
    assert ("gates.night_mode.titel", "title") in found
    assert ("gates.night_mode.default", "embryo") in found
    assert ("gates.night_mode.signals[2]", "p99_ms") in found
    assert ("gates.night_mode.criteria.stable[0].at_least", None) in found
    assert ("gates.night_mode.criteria.open[0].gate", "ui_tools_registry") in found


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("format: 1", "format: 2", "format"),
        ("night_mode", "Night", "gates.Night"),
        ("night_mode", "night__mode", "gates.night__mode"),
        ("default: embryo", "default: experimental", "gates.night_mode.default"),
        ("aliases: [dark]", "aliases: [lattice]", "gates.night_mode.aliases"),
        ("aliases: [dark]", "aliases: dark", "gates.night_mode.aliases"),
        ("aliases: [dark]", 'aliases: ["a\\nb"]', "gates.night_mode.aliases[0]"),
        ("aliases: [dark]", 'aliases: ["a\\u202eb"]', "gates.night_mode.aliases[0]"),
        ("gate: ui_tools_registry", "gate: night_mode", "gates.night_mode.criteria.open[0].gate"),
        ("{signal: runs, at_least: 10}", "{signal: runs, is: yes}", "gates.night_mode.criteria.stable[0]"),
        ("{signal: runs, at_least: 10}", "{signal: runs}", "gates.night_mode.criteria.stable[0]"),
        ("{signal: runs, at_least: 10}", "runs", "gates.night_mode.criteria.stable[0]"),
        ("{signal: runs, at_least: 10}", "{signal: errors, at_least: 10}",
         "gates.night_mode.criteria.stable[0].signal"),
        ("at_least: 10", "at_least: -1", "gates.night_mode.criteria.stable[0].at_least"),
        ("at_least: 10", "at_least: ٣", "gates.night_mode.criteria.stable[0].at_least"),
        ("      stable:", "      stabel:", "gates.night_mode.criteria.stabel"),
        ("notes: Dark at night.", "notes: ''", "gates.night_mode.notes"),
    ],
)  # fmt: skip
def test_one_mistake_is_named_where_it_stands(old: str, new: str, path: str) -> None:
    """An unknown key, a wrong type, a bound that is passed: nothing is ignored."""
    assert path in [where for where, _ in problems(WHOLE.replace(old, new, 1))]


def test_a_gate_that_opens_by_its_default_is_refused() -> None:
    """Opening is a journaled change; a file edited by hand cannot do it."""
    assert problems(WHOLE.replace("default: embryo", "default: stable")) == [
        ("gates.night_mode.default", None)
    ]


def test_an_unknown_gate_is_answered_with_the_nearest() -> None:
    """A misspelt name in a call is not found, and says what may have been meant."""
    with pytest.raises(UnknownGate) as refused:
        SHIPPED.get("ui_tool_registry")
    assert refused.value.details["suggestions"] == ("ui_tools_registry",)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.integers(0, len(WHOLE)), st.integers(0, 12))
def test_any_damage_is_refused_or_read_never_a_crash(noise: str, at: int, cut: int) -> None:
    """Whatever stands in the file, the answer is a catalogue or an error of ours."""
    damaged = WHOLE[:at] + noise + WHOLE[at + cut :]
    with suppress(NeiraError):
        catalogue.read(damaged.encode(errors="replace"), base=SHIPPED)


def test_a_later_entry_replaces_a_shipped_one() -> None:
    """A home may set other criteria for a shipped gate."""
    mine = catalogue.read(WHOLE.replace("night_mode", "lattice").encode(), base=SHIPPED)
    assert mine.get(GateName("lattice")).title.en == "Night"
    assert list(mine.gates) == list(SHIPPED.gates)
