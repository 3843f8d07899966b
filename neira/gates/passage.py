"""May this pass? The hub asks for a mode, the admin changes ask for a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from neira.errors.gate import CapabilityDisabled
from neira.model import GateState, Mode

if TYPE_CHECKING:
    from neira.gates.board import Board
    from neira.model import GateName


def passage(state: GateState) -> Mode:
    """Say how an invocation may pass a gate: for real, or as words only."""
    match state:
        case GateState.LOCKED | GateState.EMBRYO:
            return Mode.DRY_RUN
        case GateState.EXPERIMENTAL | GateState.STABLE | GateState.DEPRECATED:
            return Mode.LIVE
    assert_never(state)


def require(board: Board, *gates: GateName) -> None:
    """Refuse with the first of these gates that is closed."""
    for gate in gates:
        state = board.state(gate)
        match passage(state):
            case Mode.LIVE:
                continue
            case Mode.DRY_RUN | Mode.PREVIEW:
                raise CapabilityDisabled(gate, state)
