"""What a state lets through, and what a refusal tells."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from neira.errors.gate import CapabilityDisabled
from neira.gates.gate import is_open, widens
from neira.gates.passage import passage, require
from neira.model import GateName, GateState, Mode
from tests.gates.gate_worlds import PENCIL, RHAI, TOOLS, board

OPEN = (GateState.EXPERIMENTAL, GateState.STABLE, GateState.DEPRECATED)
CLOSED = (GateState.LOCKED, GateState.EMBRYO)


@pytest.mark.parametrize("state", CLOSED)
def test_a_closed_gate_lets_words_through_and_nothing_else(state: GateState) -> None:
    """Locked and embryo give a dry run and refuse changes."""
    assert passage(state) is Mode.DRY_RUN
    with pytest.raises(CapabilityDisabled):
        require(board(ui_tools_registry=state), TOOLS)


@pytest.mark.parametrize("state", OPEN)
def test_an_open_gate_lets_everything_through(state: GateState) -> None:
    """Experimental, stable and deprecated are on."""
    assert passage(state) is Mode.LIVE
    require(board(ui_tools_registry=state), TOOLS)


def test_openness_and_passage_agree() -> None:
    """There are not two opinions on what open means."""
    assert {state for state in GateState if is_open(state)} == set(OPEN)


def test_a_gate_that_nobody_knows_is_closed() -> None:
    """A name outside the catalogue opens nothing."""
    with pytest.raises(CapabilityDisabled):
        require(board(), GateName("nobody_knows"))


def test_the_first_closed_gate_of_several_is_named() -> None:
    """The door is open, the kind is not."""
    with pytest.raises(CapabilityDisabled) as refused:
        require(board(ui_tools_registry="experimental"), TOOLS, RHAI, PENCIL)
    assert refused.value.details["capability"] == RHAI


def test_a_refusal_says_gate_state_scope_and_every_way_to_open_it() -> None:
    """The body is enough to act on without the documentation."""
    with pytest.raises(CapabilityDisabled) as refused:
        require(board(), TOOLS)
    error = refused.value
    assert (error.code, error.status) == ("capability_disabled", HTTPStatus.FORBIDDEN)
    assert error.details["state"] == "embryo"
    assert error.details["required_scope"] == "admin"
    ways = str(error.details["suggestions"])
    assert "PUT /api/neira/capabilities/ui_tools_registry" in ways
    assert "neira gates set ui_tools_registry experimental" in ways
    assert "unlock ui_tools_registry" in ways
    assert "Разблокируй ui_tools_registry" in ways


def test_only_what_gives_power_widens() -> None:
    """Opening and leaving the limits of an experiment do; closing and renaming do not."""
    gives = {(before, after) for before in GateState for after in GateState if widens(before, after)}
    opening = {(before, after) for before in CLOSED for after in OPEN}
    assert gives == opening | {
        (GateState.EXPERIMENTAL, GateState.STABLE),
        (GateState.EXPERIMENTAL, GateState.DEPRECATED),
    }
