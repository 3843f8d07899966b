"""The headers of every answer: what browsers may do with it, who may read it, what it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from neira.web.caller import CALLER
from neira.web.current import kernel, telemetry, visit

if TYPE_CHECKING:
    from flask import Flask, Response

FOR_DATA = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
FOR_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_MAY_SEND = "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Last-Event-ID"
_MAY_READ = "ETag, X-Request-Id, Retry-After, Location"
_PREFLIGHT_SECONDS = "600"


def dress_answers(app: Flask) -> None:
    """Put the headers on everything that an application answers."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_let_go)


def _begin() -> None:
    visit()


def _let_go(_: BaseException | None) -> None:
    """Close the body and its parts: large ones lie in temporary files."""
    request.close()
    request.environ["wsgi.input"].close()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = visit().request_id
    for name, value in _EVERYWHERE.items():
        response.headers.setdefault(name, value)
    page = response.mimetype == "text/html"
    response.headers["Content-Security-Policy"] = FOR_PAGES if page else FOR_DATA
    if request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-cache"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    _let_others_in(response)
    _tell(response)
    return response


def _let_others_in(response: Response) -> None:
    """Name the page's origin if it is one of those in the settings; without any, say nothing at all."""
    origins = kernel().settings.server.cors_origins
    if not origins:
        return
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin not in origins or origin in {"null", "*"}:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _MAY_READ
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = _MAY_SEND
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS


def _tell(response: Response) -> None:
    """Count and log the answer; a route is named by its rule: no path of a client becomes a label."""
    here = visit()
    seconds = kernel().clock.monotonic() - here.started
    route = request.url_rule.rule if request.url_rule else "none"
    telemetry().answered(_method(), route, response.status_code, seconds)
    if CALLER in request.environ:
        return  # the command line over its own home: its standard error belongs to its user
    telemetry().log.info(
        "request",
        method=request.method,
        path=request.path,
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 2),
        request_id=here.request_id,
        actor=here.caller.actor if here.caller else None,
    )


def _method() -> str:
    known = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
    return request.method if request.method in known else "other"
