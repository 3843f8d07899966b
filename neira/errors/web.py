"""Refusals of the web door itself: no such route, a wrong method, a request that no view can read."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from neira.errors.base import Fault, NeiraError
from neira.errors.input import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

_ECHO = 80  # characters of a path that an answer repeats


def _shown(path: str) -> str:
    cut = path[:_ECHO].encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(char if char.isprintable() else "?" for char in cut)


class NoSuchRoute(NeiraError):
    """A path that leads nowhere."""

    code = "no_such_route"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, path: str) -> None:
        super().__init__(
            f"there is nothing at {_shown(path)}",
            hint="GET /openapi.json lists every route; /api/docs shows them to people",
        )


class MethodNotAllowed(NeiraError):
    """A route that is there, asked in a way that it does not know."""

    code = "method_not_allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED
    fault = Fault.INVALID

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(
            f"this route does not know {_shown(method)[:20]}",
            hint=f"use {' or '.join(allowed)}" if allowed else "GET /openapi.json lists every route",
            details={"allowed": list(allowed)},
        )


class BadRequest(NeiraError):
    """A request that cannot be read as HTTP means it."""

    code = "bad_request"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, reason: str) -> None:
        super().__init__(f"the request cannot be read: {reason}", hint="compare it with /api/docs")


class InvalidQuery(InvalidInput):
    """A query string with mistakes, all of them named."""

    code = "invalid_query"
    subject = "the query"


class NotReady(NeiraError):
    """A system that cannot serve requests now."""

    code = "not_ready"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(
            "requests cannot be served now",
            hint="ask again after Retry-After; `neira doctor` says what is wrong",
            details={"reasons": list(reasons)},
        )
        self.retry_after = 2.0


class InternalFault(NeiraError):
    """A mistake of ours; what it was stands in the log alone, under the request id."""

    code = "internal_fault"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.INTERNAL

    def __init__(self) -> None:
        super().__init__(
            "the host could not do this, and it was no fault of the request",
            hint="try again after Retry-After; if it stays, look for the request_id in the server's log",
        )
        self.retry_after = 5.0
