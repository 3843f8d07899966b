"""Safe mode over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import facts
from neira.changes.safe_mode import EnterSafeMode, LeaveSafeMode
from neira.model import Scope
from neira.parse import ids
from neira.web.current import kernel
from neira.web.noun import CHANGES, Noun, Route
from neira.web.reply import answer, carry_out
from neira.web.schemas import answers, asks

if TYPE_CHECKING:
    from flask import Response

safe_mode = Noun("safe_mode", "The brake: nothing of the plugins may change while it is on.")


@safe_mode.on("GET", "/safe-mode", Route(needs=Scope.READ, answer=answers.SafeMode))
def show() -> Response:
    """Say whether safe mode is on, why, and how to leave it."""
    return answer(facts.safe_mode(kernel()))


@safe_mode.on(
    "PUT",
    "/safe-mode",
    Route(needs=Scope.ADMIN, rate=CHANGES, body=asks.BrakingBody, answer=answers.SafeMode),
)
def change(asked: asks.Braking) -> Response:
    """Enter safe mode, or leave it without the plugins that are named."""
    if asked.enabled:
        return carry_out(EnterSafeMode(asked.why), asked.why)
    return carry_out(LeaveSafeMode(tuple(ids.plugin_id(plugin) for plugin in asked.disable)), asked.why)
