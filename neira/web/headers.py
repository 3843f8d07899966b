"""The headers of every answer: what browsers may do with it, who may read it, what it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from neira.web.caller import CALLER
from neira.web.current import begun, face, kernel, visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask, Response

    from neira.web.current import Face
    from neira.web.server.answers import Environ, Headers

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
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


FAILED = "neira.failed"  # a WSGI key: what went wrong above Flask, to be answered as if it had been inside


def dress_answers(app: Flask) -> None:
    """Put the headers on everything that an application answers."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_let_go)


def of_data(name: str, origins: Sequence[str], origin: str | None) -> Headers:
    """List the headers of an answer that is data, to a request of that name from a page of that origin."""
    sharing = let_in(origins, origin)
    found = {**_EVERYWHERE, "X-Request-Id": name, "Content-Security-Policy": FOR_DATA, **sharing}
    return [*found.items(), ("Cache-Control", "no-store")]


def let_in(origins: Sequence[str], origin: str | None) -> dict[str, str]:
    """Name the page's origin if it is one of those in the settings; without any, say nothing at all."""
    if not origins:
        return {}
    if origin is None or origin not in origins or origin in {"null", "*"}:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _MAY_READ,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def tell(face: Face, environ: Environ, route: str, status: int) -> None:
    """Count and log an answer; a route is named by its rule: no path of a client becomes a label."""
    here = begun(environ, face.kernel)
    seconds = face.kernel.clock.monotonic() - here.started
    method = environ["REQUEST_METHOD"]
    face.telemetry.answered(method if method in _METHODS else "other", route, status, seconds)
    if CALLER in environ:
        return  # the command line over its own home: its standard error belongs to its user
    face.telemetry.request(
        method=method,
        path=environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),
        route=route,
        status=status,
        ms=round(seconds * 1000, 2),
        request_id=here.request_id,
        actor=here.caller.actor if here.caller else None,
    )


def _begin() -> None:
    visit()
    failed: Exception | None = request.environ.get(FAILED)
    if failed is not None:
        raise failed


def _let_go(_: BaseException | None) -> None:
    """Close the body and its parts: large ones lie in temporary files."""
    request.close()
    request.environ["wsgi.input"].close()


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["X-Request-Id"] = visit().request_id
    for name, value in _EVERYWHERE.items():
        headers.setdefault(name, value)
    page = response.mimetype == "text/html"
    headers["Content-Security-Policy"] = FOR_PAGES if page else FOR_DATA
    if request.path.startswith("/static/"):
        headers["Cache-Control"] = "no-cache"
    else:
        headers.setdefault("Cache-Control", "no-store")
    _let_others_in(response)
    tell(face(), request.environ, request.url_rule.rule if request.url_rule else "none", response.status_code)
    return response


def _let_others_in(response: Response) -> None:
    sharing = let_in(kernel().settings.server.cors_origins, request.headers.get("Origin"))
    for name, value in sharing.items():
        if name == "Vary":
            response.vary.add(value)
        else:
            response.headers[name] = value
    is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if is_preflight and "Access-Control-Allow-Origin" in sharing:
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = _MAY_SEND
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
