"""From a value to an answer: every view ends here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, request

from neira.parse import strict_json
from neira.web.conditions import if_match, is_known, use
from neira.web.current import caller, face, kernel, telemetry, visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.changes.plan import Order
    from neira.model import JsonObject


def answer(body: JsonObject, status: int = HTTPStatus.OK, *, tag: str | None = None) -> Response:
    """Answer with a JSON object."""
    response = Response(strict_json.dumps(body), status, mimetype="application/json")
    if tag is not None:
        response.set_etag(tag)
    return response


def news(tag: str, body: Callable[[], JsonObject], *, keep: bool = False) -> Response:
    """Answer with what is tagged, made only for those who do not hold it yet.

    What depends on its tag and its address alone may be kept as text for the next who asks.
    """
    if is_known(tag):
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    elif keep:
        text = face().kept.get((tag, request.full_path), lambda: strict_json.dumps(body()))
        response = Response(text, mimetype="application/json")
    else:
        response = Response(strict_json.dumps(body()), mimetype="application/json")
    response.set_etag(tag)
    return response


def carry_out(order: Order, why: str) -> Response:
    """Let the kernel carry an order out, under the conditions of this request."""
    change = kernel().change(
        order, caller(), why=why, if_match=if_match(), use=use(), request_id=visit().request_id
    )
    telemetry().change(type(order).__name__)
    tag = None if change.revision is None else str(change.revision)
    return answer(change.body, HTTPStatus.CREATED if change.created else HTTPStatus.OK, tag=tag)
