"""What a view may ask for while a request is under way: the kernel, the caller, the request's own name.

Flask keeps these in `current_app` and the request's environment, untyped; this page is the typed way to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, request

from neira.web.kept import KeptTexts
from neira.web.server.answers import request_id as name_of

if TYPE_CHECKING:
    from flask import Flask

    from neira.kernel import Kernel
    from neira.model import Caller
    from neira.telemetry import Telemetry
    from neira.web.server.answers import Environ

VISIT = "neira.visit"  # a WSGI key, as `caller.CALLER`
_KEY = "neira"


@dataclass(frozen=True, slots=True)
class Face:
    """What lives as long as the application."""

    kernel: Kernel
    telemetry: Telemetry
    document: dict[str, Any]  # OpenAPI
    kept: KeptTexts = field(default_factory=KeptTexts)


@dataclass(slots=True)
class Visit:
    """What is known of the request under way."""

    request_id: str
    started: float
    caller: Caller | None = None


def put_on(app: Flask, face: Face) -> None:
    """Give an application its kernel."""
    app.extensions[_KEY] = face


def face_of(app: Flask) -> Face:
    """Return the face of an application."""
    return cast("Face", app.extensions[_KEY])


def face() -> Face:
    """Return the face of the application that serves this request."""
    return face_of(current_app)


def kernel() -> Kernel:
    """Return the kernel behind the application."""
    return face().kernel


def telemetry() -> Telemetry:
    """Return the counters and the log of the application."""
    return face().telemetry


def begun(environ: Environ, opened: Kernel) -> Visit:
    """Return what is known of a request; the first who asks begins it, inside Flask or above it."""
    here: Visit | None = environ.get(VISIT)
    if here is None:
        here = Visit(name_of(environ, opened.entropy), opened.clock.monotonic())
        environ[VISIT] = here
    return here


def visit() -> Visit:
    """Return what is known of this request."""
    return begun(request.environ, kernel())


def caller() -> Caller:
    """Return who asks; only behind `requires`."""
    known = visit().caller
    assert known is not None, "a route without `requires` has no caller"
    return known
