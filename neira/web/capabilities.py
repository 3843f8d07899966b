"""Gates over HTTP: see them, move one, or say it in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.routing import BaseConverter

from neira import facts
from neira.changes.gates import Say, SetGate
from neira.model import GateName, Scope
from neira.web.current import kernel
from neira.web.noun import CHANGES, Noun, Route
from neira.web.reply import answer, carry_out
from neira.web.schemas import answers, asks

if TYPE_CHECKING:
    from flask import Response


class GateSegment(BaseConverter):
    """One segment of a path that may name a gate: `phrases` is a route of its own."""

    regex = r"(?!phrases(?:/|$))[^/]+"
    part_isolating = True


capabilities = Noun("capabilities", "Switches for the abilities of the whole system.")


@capabilities.on("GET", "/capabilities", Route(needs=Scope.READ, answer=answers.CapabilityList))
def list_all() -> Response:
    """Show every gate, how far it is from promotion, and how to change it."""
    return answer(facts.capabilities(kernel()))


@capabilities.on(
    "GET", "/capabilities/<gate:name>", Route(needs=Scope.READ, answer=answers.Capability, missing=True)
)
def show(name: str) -> Response:
    """Show one gate; its ETag is what `If-Match` of a move wants."""
    return answer(facts.capability(kernel(), name), tag=facts.gates_revision(kernel()))


@capabilities.on(
    "PUT",
    "/capabilities/<gate:name>",
    Route(needs=Scope.ADMIN, rate=CHANGES, body=asks.GateMoveBody, answer=answers.Capability),
)
def move(asked: asks.GateMove, name: str) -> Response:
    """Bring a gate to a state."""
    return carry_out(SetGate(GateName(name), asked.state, asked.why, asked.force), asked.why)


@capabilities.on(
    "POST",
    "/capabilities/phrases",
    Route(needs=Scope.ADMIN, rate=CHANGES, body=asks.SayingBody, answer=answers.Said),
)
def say(asked: asks.Saying) -> Response:
    """Do what an owner's phrase says, in Russian or English."""
    return carry_out(Say(asked.phrase, asked.why, asked.force), asked.why)
