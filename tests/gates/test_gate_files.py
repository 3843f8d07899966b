"""state.json, CAPABILITIES.md and the roadmap: what is written from a board, and what is believed again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.gates import render, roadmap, state_file
from neira.gates.board import Board
from neira.gates.catalogue import catalogue
from neira.model import GateName, GateState, Seq
from neira.parse import yaml_events
from tests.gates.gate_worlds import RHAI, SHIPPED, TOOLS, board

if TYPE_CHECKING:
    from neira.model import Json

REPO = Path(__file__).parents[2]
HEAD = "a" * 64
AT = (Seq(9), HEAD)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Make an empty home with its folder for gates."""
    (tmp_path / "capabilities").mkdir()
    return tmp_path


def test_a_board_comes_back_as_it_was(home: Path) -> None:
    """States, times, whys and authors survive the file."""
    now = board(ui_tools_registry="experimental", runtime_scripting_rhai="stable")
    state_file.write(home, now, at=AT)
    reading = state_file.read(home, SHIPPED)
    assert (reading.board, reading.seq, reading.head, reading.why) == (now, 9, HEAD, "")


def test_a_missing_file_says_so(home: Path) -> None:
    """A new home has none yet."""
    assert "missing" in state_file.read(home, SHIPPED).why


@pytest.mark.parametrize("gate", [gate.name for gate in SHIPPED])
def test_a_state_edited_by_hand_is_not_believed(home: Path, gate: GateName) -> None:
    """Opening a gate in the file opens nothing."""
    state_file.write(home, board(), at=AT)
    path = home / state_file.FILE
    found = json.loads(path.read_text())
    found["gates"][gate]["state"] = "stable"
    path.write_text(json.dumps(found))
    assert state_file.read(home, SHIPPED).board is None


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_any_damage_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A changed or lost byte never gives another board."""
    home = tmp_path_factory.mktemp("home")
    (home / "capabilities").mkdir()
    state_file.write(home, board(), at=AT)
    path = home / state_file.FILE
    raw = path.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 2))
    byte = data.draw(st.binary(max_size=2))
    path.write_bytes(raw[:at] + byte + raw[at + 1 :])
    believed = state_file.read(home, SHIPPED).board is not None
    assert believed is (path.read_bytes() == raw)


def test_a_gate_that_the_file_does_not_know_stands_at_its_default(home: Path) -> None:
    """A newer Neira brings new gates, shut."""
    fewer = catalogue(gate for gate in SHIPPED if gate.name != TOOLS)
    state_file.write(home, Board.initial(fewer), at=AT)
    reading = state_file.read(home, SHIPPED)
    assert reading.board is not None
    assert reading.board.state(TOOLS) is GateState.EMBRYO


def fenced(page: str) -> dict[str, dict[str, Json]]:
    """Read every record of a rendered page, as a tool that greps fences would."""
    found: dict[str, dict[str, Json]] = {}
    for block in page.split("\n```yaml\n")[1:]:
        value = yaml_events.load((block.split("\n```\n")[0] + "\n").encode()).value
        assert isinstance(value, dict)
        found[str(value["capability"])] = value
    return found


def test_the_page_has_a_record_for_each_gate() -> None:
    """State, notes, signals, safeguards and what it takes to graduate."""
    page = render.text(board(runtime_scripting_rhai="experimental"), SHIPPED)
    records = fenced(page)
    assert list(records) == [gate.name for gate in SHIPPED]
    assert records[RHAI]["state"] == "experimental"
    assert records[RHAI]["why"] == "a test"
    assert records[RHAI].keys() >= {"notes", "signals", "safeguards", "graduate"}
    assert page.startswith("<!-- neira:meta\n")


HOSTILE = '"]\n```\n--> <!-- neira:meta\nstate: stable\u2028\u202e\x00\x7f\U000e0041 &a *b !c {d: e} # f\\'


@given(st.text(max_size=60) | st.just(HOSTILE))
@settings(max_examples=80, deadline=None)
def test_hostile_words_stay_inside_their_record(words: str) -> None:
    """No why and no title ends a fence, a comment or a quoted text; what is read back is what was said."""
    now = board(runtime_scripting_rhai="experimental")
    standing = replace(now.standing(RHAI), why=words, by=words)
    gate = replace(SHIPPED.get(RHAI), notes=words, guards=(words,))
    page = render.text(Board({**now.standings, RHAI: standing}), catalogue([*SHIPPED, gate]))
    page.encode()
    assert page.count("\n```") == 2 * len(SHIPPED.gates)
    assert page.count("<!--") == page.count("-->") == 1
    said = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in words)
    quoted = render.quoted(words)
    assert quoted.isprintable()
    if "\0" not in words:
        record = fenced(page)[RHAI]
        assert (record["why"], record["guards"]) == (said, [said])


def test_the_page_is_written_into_the_home(home: Path) -> None:
    """Equal boards give equal pages."""
    render.write(home, board(), SHIPPED)
    assert (home / render.FILE).read_text() == render.text(board(), SHIPPED)


def test_the_roadmap_shows_the_criteria_of_today() -> None:
    """If this fails, write `roadmap.refreshed(page, catalogue.shipped())` over docs/roadmap.md."""
    page = (REPO / "docs/roadmap.md").read_text()
    assert page.count(roadmap.BEGIN) == page.count(roadmap.END) == 1
    assert roadmap.refreshed(page, SHIPPED) == page
