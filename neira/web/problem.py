"""The one place that turns whatever went wrong into application/problem+json.

Views raise; nothing else in `web/` words a refusal. What is nobody's refusal is a mistake of ours: it goes to
the log with its traceback, and the client gets a 503 under the request's id, never a 500.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from neira.errors import web as refusals
from neira.errors.base import NeiraError
from neira.errors.input import BodyTooLarge, UnsupportedMedia
from neira.web.current import telemetry, visit
from neira.web.server.answers import problem
from neira.web.strict import JSON

if TYPE_CHECKING:
    from flask import Flask

MEDIA = "application/problem+json"


def answer_problems(app: Flask) -> None:
    """Let every failure of an application end here."""
    app.register_error_handler(NeiraError, refuse)
    app.register_error_handler(HTTPException, _of_werkzeug)
    app.register_error_handler(Exception, _of_ours)


def refuse(error: NeiraError) -> Response:
    """Answer a refusal, in the words that the server's own refusals use too."""
    telemetry().refused(error.code)
    headers, body = problem(error, visit().request_id)
    response = Response(body, error.status, headers)
    if error.status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _of_werkzeug(error: HTTPException) -> Response:
    """Answer what Flask and werkzeug refuse by themselves; unknown kinds of refusal are bad requests."""
    if isinstance(error, MethodNotAllowed):
        allowed = sorted(error.valid_methods or ())
        response = refuse(refusals.MethodNotAllowed(request.method, allowed))
        response.headers["Allow"] = ", ".join(allowed)
        return response
    match error.code:
        case HTTPStatus.NOT_FOUND:
            return refuse(refusals.NoSuchRoute(request.path))
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return refuse(BodyTooLarge(request.max_content_length or 0))
        case HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            return refuse(UnsupportedMedia(request.headers.get("Content-Type", ""), [JSON]))
        case code if code is not None and code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return refuse(refusals.BadRequest(error.name.lower()))
    return _of_ours(error)


def _of_ours(error: Exception) -> Response:
    telemetry().log.error("failed", request_id=visit().request_id, path=request.path, exc_info=error)
    return refuse(refusals.InternalFault())
