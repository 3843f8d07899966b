"""Tokens over HTTP: made, shown without their secrets, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import facts
from neira.changes.tokens import CreateToken, RevokeToken
from neira.model import Scope
from neira.web.caller import whole_system
from neira.web.current import kernel
from neira.web.noun import CHANGES, Noun, Route
from neira.web.paging import page_of
from neira.web.reply import answer, carry_out
from neira.web.schemas import answers, asks

if TYPE_CHECKING:
    from flask import Response

tokens = Noun("tokens", "Who may call, and how far.")


@tokens.on("GET", "/tokens", Route(needs=Scope.ADMIN, query=asks.PagesQuery, answer=answers.TokenList))
def list_all(asked: asks.Pages) -> Response:
    """List the live tokens, without their secrets."""
    whole_system()
    page = page_of(
        facts.tokens(kernel()), lambda token: str(token["id"]), limit=asked.limit, cursor=asked.cursor
    )
    return answer({"tokens": page.items, "next": page.next})


@tokens.on(
    "POST",
    "/tokens",
    Route(needs=Scope.ADMIN, rate=CHANGES, body=asks.TokenOrderBody, answer=answers.TokenMade, creates=True),
)
def make(asked: asks.TokenOrder) -> Response:
    """Make a token; its secret is in this answer and nowhere else."""
    return carry_out(CreateToken(asked.name, asked.scope, asked.namespace, asked.expires), asked.why)


@tokens.on(
    "DELETE",
    "/tokens/<token_id>",
    Route(needs=Scope.ADMIN, rate=CHANGES, query=asks.WhyQuery, answer=answers.Changed),
)
def revoke(asked: asks.Whyed, token_id: str) -> Response:
    """End a token at once, for every worker."""
    return carry_out(RevokeToken(token_id), asked.why)
