"""Who am I: what a token may do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import facts
from neira.model import Scope
from neira.web.current import caller, kernel
from neira.web.noun import Noun, Route
from neira.web.reply import answer
from neira.web.schemas import answers

if TYPE_CHECKING:
    from flask import Response

session = Noun("session", "Who asks, and how far that goes.")


@session.on("GET", "/session", Route(needs=Scope.READ, answer=answers.Session))
def show() -> Response:
    """Say who the token speaks for, and what stands in its way."""
    known = caller()
    return answer(
        {
            "actor": known.actor,
            "scope": known.scope,
            "namespace": known.namespace,
            "gates": facts.gate_states(kernel()),
            "safe_mode": kernel().safety.now().active,
        }
    )
