"""Moving gates: criteria, force, the record, the board that comes of it, and the answer."""

from __future__ import annotations

import json
import math
from http import HTTPStatus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.gate import BadGateRecord, CriteriaMissed, UnknownGate, WhyRequired
from neira.gates import views
from neira.gates.board import Board, fold
from neira.gates.changes import Unchanged, set_state
from neira.gates.criteria import Met, Missed, judge_all
from neira.gates.gate import Signals, is_open
from neira.model import ChangeNote, Draft, GateName, GateState
from neira.parse import strict_json
from tests.gates.gate_worlds import NOTHING, PENCIL, PERFECT, RHAI, SHIPPED, START, TOOLS, WASM, board, sealed

STATES = st.sampled_from(list(GateState))
GATES = st.sampled_from([gate.name for gate in SHIPPED])


def move(
    now: Board, gate: GateName, to: str, signals: Signals = NOTHING, *, force: bool = False, why: str = ""
) -> Draft:
    """Draft a move that must come through."""
    draft = set_state(
        now, SHIPPED, gate, GateState(to), signals=signals, actor="token:a", why=why, force=force
    )
    assert isinstance(draft, Draft)
    return draft


@pytest.mark.parametrize("gate", [TOOLS, RHAI, PENCIL])
def test_the_gates_of_stage_one_open_at_a_word(gate: GateName) -> None:
    """Nothing has to be measured before."""
    draft = move(board(), gate, "experimental")
    assert draft.data == {"gate": gate, "from": "embryo", "to": "experimental", "forced": False, "missed": []}


def test_modules_wait_for_stable_scripts() -> None:
    """The refusal lists each criterion with its distance."""
    with pytest.raises(CriteriaMissed) as refused:
        move(board(runtime_scripting_rhai="experimental"), WASM, "experimental", PERFECT)
    error = refused.value
    assert (error.code, error.status) == ("criteria_missed", HTTPStatus.CONFLICT)
    assert error.details["criteria"] == [
        {
            "name": "gate.runtime_scripting_rhai",
            "for": "open",
            "wanted": "at least stable",
            "value": "experimental",
            "met": False,
            "distance": 1.0,
            "sentence": "gate.runtime_scripting_rhai must be at least stable, and is experimental",
        }
    ]


def test_modules_open_when_scripts_are_stable_and_the_journal_is_clean() -> None:
    """Criteria that are met ask for no force."""
    draft = move(board(runtime_scripting_rhai="stable"), WASM, "experimental", {"verify_clean": True})
    assert draft.data["forced"] is False


def test_scripts_on_their_way_out_carry_no_modules() -> None:
    """Deprecated counts as an experiment, not as stable."""
    with pytest.raises(CriteriaMissed):
        move(board(runtime_scripting_rhai="deprecated"), WASM, "experimental", PERFECT)


def test_force_needs_a_why_and_is_kept_in_the_record() -> None:
    """Who passes over criteria says so in the journal."""
    with pytest.raises(WhyRequired) as refused:
        move(board(), WASM, "experimental", force=True, why="  ")
    assert refused.value.status is HTTPStatus.BAD_REQUEST
    draft = move(board(), WASM, "experimental", force=True, why="a trial")
    missed = draft.data["missed"]
    assert draft.data["forced"] is True
    assert isinstance(missed, list)
    assert len(missed) == 2
    assert draft.change.why == "a trial"


def test_force_that_was_not_needed_is_not_recorded() -> None:
    """A careful caller may always say force."""
    assert move(board(), TOOLS, "experimental", force=True).data["forced"] is False


def test_stable_needs_signals_that_were_measured() -> None:
    """No measurement is not a good one."""
    now = board(runtime_scripting_rhai="experimental")
    with pytest.raises(CriteriaMissed):
        move(now, RHAI, "stable", NOTHING)
    assert move(now, RHAI, "stable", PERFECT).data["to"] == "stable"


def test_stable_from_locked_asks_for_both_steps() -> None:
    """Nobody skips the criteria of opening by going further."""
    with pytest.raises(CriteriaMissed) as refused:
        move(board(), WASM, "stable")
    criteria = refused.value.details["criteria"]
    assert isinstance(criteria, list)
    assert {each["for"] for each in criteria if isinstance(each, dict)} == {"open", "stable"}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None, True])
def test_a_number_that_is_none_meets_nothing(bad: float | bool | None) -> None:
    """NaN, infinities and flags are no measurements, and the facts stay JSON."""
    verdicts = judge_all(RHAI, board(), SHIPPED, {**PERFECT, "runs": bad, "error_rate": bad})
    missed = {v.criterion.name: v for v in verdicts if isinstance(v, Missed)}
    assert missed.keys() == {"runs", "error_rate"}
    assert all(v.distance is None for v in missed.values())


def test_a_distance_says_how_far() -> None:
    """Upwards for what must grow, downwards for what must shrink."""
    verdicts = judge_all(RHAI, board(), SHIPPED, {**PERFECT, "runs": 400, "p99_ms": 300})
    found = {v.criterion.name: v.distance for v in verdicts if isinstance(v, Missed)}
    assert found == {"runs": 600.0, "p99_ms": 50.0}
    assert sum(isinstance(v, Met) for v in verdicts) == 3


@given(GATES, STATES, STATES)
@settings(max_examples=100, deadline=None)
def test_closing_is_never_guarded(gate: GateName, before: GateState, after: GateState) -> None:
    """Any state leads to any closed one without criteria, force or why."""
    if is_open(after):
        return
    change = set_state(board(**{gate: before}), SHIPPED, gate, after, signals=NOTHING, actor="token:a")
    assert isinstance(change, Unchanged) is (before is after)


@given(st.lists(st.tuples(GATES, STATES), max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_board_is_what_was_asked_last(moves: list[tuple[GateName, GateState]]) -> None:
    """Folding the drafts in order gives the last state of each gate; folding twice changes nothing."""
    now, seq = board(), 0
    for gate, to in moves:
        change = set_state(now, SHIPPED, gate, to, signals=NOTHING, actor="token:a", why="w", force=True)
        if isinstance(change, Draft):
            seq += 1
            record = sealed(change, seq)
            now = fold(now, record)
            assert fold(now, record) is now
            strict_json.dumps(views.changed(record, SHIPPED))
        assert now.state(gate) is to
    assert now.seq == seq


def test_the_board_remembers_who_and_why() -> None:
    """Since, by, why and the record's id come from the record."""
    record = sealed(move(board(), TOOLS, "experimental", why="first steps"), 7)
    standing = fold(board(), record).standing(TOOLS)
    assert (standing.why, standing.by, standing.record) == ("first steps", "token:a", record.id)
    assert standing.since == record.ts > START


def test_other_records_leave_the_board_alone() -> None:
    """Only `gate.changed` moves gates."""
    other = sealed(Draft("plugin.enabled", "token:a", ChangeNote("x"), slug="x"), 5)
    now = board()
    assert fold(now, other) is now


@pytest.mark.parametrize("data", [{}, {"gate": "ui_tools_registry"}, {"gate": "x", "to": "ajar"}])
def test_a_record_that_cannot_be_read_stops_the_fold(data: dict[str, str]) -> None:
    """A state of a newer version is never taken for a known one."""
    broken = sealed(Draft("gate.changed", "token:a", ChangeNote("x"), slug="x", data=data), 5)
    with pytest.raises(BadGateRecord):
        fold(board(), broken)


def test_where_it_stands_already_nothing_is_journaled() -> None:
    """The answer says so, with safeguards and a way back all the same."""
    change = set_state(board(), SHIPPED, TOOLS, GateState.EMBRYO, signals=NOTHING, actor="token:a")
    assert change == Unchanged(TOOLS, GateState.EMBRYO)
    answer = views.unchanged(change, SHIPPED)
    assert answer["changed"] is False
    assert answer["safeguards"]


def test_an_unknown_gate_is_not_moved() -> None:
    """The name is looked up before anything else."""
    with pytest.raises(UnknownGate):
        move(board(), GateName("ui_tools"), "experimental")


def test_an_answer_says_state_safeguards_and_the_way_back() -> None:
    """It is made from the record and the catalogue alone."""
    record = sealed(move(board(), TOOLS, "experimental"), 3)
    answer = views.changed(record, SHIPPED)
    assert answer["state"] == "experimental"
    assert answer["safeguards"] == list(SHIPPED.get(TOOLS).safeguards)
    assert answer["journal_id"] == record.id
    back = answer["how_to_go_back"]
    assert isinstance(back, dict)
    assert back["to"] == "embryo"
    assert "Выключи ui_tools_registry" in back["ways"]


def test_the_way_back_names_no_phrase_that_would_not_work() -> None:
    """From stable down to experimental there are no words: unlocking never lowers."""
    record = sealed(move(board(ui_tools_registry="experimental"), TOOLS, "stable", PERFECT), 3)
    answer = views.changed(record, SHIPPED)
    back = answer["how_to_go_back"]
    assert isinstance(back, dict)
    assert [way.split()[0] for way in back["ways"]] == ["PUT", "neira"]


def test_the_list_shows_each_gate_with_its_distance() -> None:
    """A gate whose signals nobody gave is shown as not measured."""
    body = views.capabilities(board(ui_tools_registry="experimental"), SHIPPED, {RHAI: PERFECT})
    shown = json.loads(strict_json.dumps(body))["capabilities"]
    gates = {gate["name"]: gate for gate in shown}
    assert list(gates) == [gate.name for gate in SHIPPED]
    assert gates[TOOLS]["signals"]["runs"] is None
    assert gates[TOOLS]["how_to_change"]["to"] == "embryo"
    assert all(criterion["met"] for criterion in gates[RHAI]["criteria"])
    assert gates[WASM]["title"] == {"en": "WASM modules", "ru": "Модули WASM"}


def test_experimental_and_deprecated_leave_a_mark_on_answers() -> None:
    """An answer names the capability that may still change, and warns of the one that goes."""
    now = board(
        ui_tools_registry="stable", runtime_scripting_rhai="experimental", annotations_pencil="deprecated"
    )
    marks = views.marks(now, TOOLS, RHAI, PENCIL)
    assert marks["capability_state"] == {RHAI: "experimental"}
    assert PENCIL in str(marks["warning"])
    assert views.marks(now, TOOLS) == {}
