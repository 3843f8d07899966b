"""Failures that only the command line knows: a server that refuses or is away, a verb in the wrong place."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from neira.errors.base import Fault, NeiraError

if TYPE_CHECKING:
    from neira.model import Json, JsonObject

_ECHO = 80  # characters of a URL or a word that a sentence repeats

_BY_STATUS = {
    401: Fault.DENIED, 403: Fault.DENIED, 404: Fault.NOT_FOUND, 408: Fault.TIMEOUT, 409: Fault.CONFLICT,
    412: Fault.CONFLICT, 413: Fault.LIMIT, 429: Fault.RATE_LIMITED, 502: Fault.UNAVAILABLE,
    503: Fault.UNAVAILABLE, 504: Fault.TIMEOUT,
}  # fmt: skip
_CLIENT_ERRORS = range(400, 500)
_FAULTS = {fault.value: fault for fault in Fault}


class Refused(NeiraError):
    """A problem+json answer, as the server worded it."""

    code = "refused"
    status = HTTPStatus.BAD_GATEWAY
    fault = Fault.INTERNAL

    def __init__(self, status: int, problem: JsonObject) -> None:
        self.http_status = status
        self.problem = problem
        super().__init__(
            _text(problem, "detail") or _text(problem, "title") or f"the server answered {status}",
            hint=_text(problem, "hint"),
            details={key: value for key, value in problem.items() if key not in _WORDED},
        )

    @property
    def kind(self) -> Fault:
        """Name the fault that the server reports, or the one that its status means."""
        said = self.problem.get("fault")
        if isinstance(said, str) and said in _FAULTS:
            return _FAULTS[said]
        otherwise = Fault.INVALID if self.http_status in _CLIENT_ERRORS else Fault.INTERNAL
        return _BY_STATUS.get(self.http_status, otherwise)


_WORDED = frozenset({"detail", "hint", "title", "type", "status"})


def _text(problem: JsonObject, key: str) -> str:
    value: Json = problem.get(key)
    return value if isinstance(value, str) else ""


class ServerAway(NeiraError):
    """Nobody answers at the address of the server."""

    code = "server_away"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"the server at {url[:_ECHO]} does not answer: {reason}",
            hint="check --url or NEIRA_URL, and that `neira serve` runs there",
            details={"reason": reason},
        )
        self.retry_after = 1.0


class ServerSlow(NeiraError):
    """A server that took too long; what was asked may have happened."""

    code = "server_slow"
    status = HTTPStatus.GATEWAY_TIMEOUT
    fault = Fault.TIMEOUT

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__(
            f"the server at {url[:_ECHO]} did not answer within {seconds:g} seconds",
            hint="look at the journal (`neira journal tail`) before you ask again: it may have been done",
            details={"seconds": seconds},
        )
        self.retry_after = 1.0


class NotOurAnswer(NeiraError):
    """An answer that no Neira would give."""

    code = "not_our_answer"
    status = HTTPStatus.BAD_GATEWAY
    fault = Fault.UNAVAILABLE

    def __init__(self, status: int) -> None:
        super().__init__(
            f"what answers there is not Neira (status {status}, no JSON)",
            hint="check --url or NEIRA_URL: it ends before /api/neira",
            details={"status": status},
        )


class BadUrl(NeiraError):
    """A server address that cannot be used."""

    code = "bad_url"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url[:_ECHO]!r} is no address of a server",
            hint="give http://HOST:PORT or https://HOST, without a user, query or fragment",
        )


class HomeOnly(NeiraError):
    """A verb that works on a folder, asked of a server."""

    code = "home_only"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, verb: str) -> None:
        super().__init__(
            f"`{verb}` works on a home, not through a server",
            hint="leave out --url and NEIRA_URL, and name the home by --home or NEIRA_HOME",
            details={"verb": verb},
        )


class SystemRefused(NeiraError):
    """The operating system refused a file or a folder."""

    code = "system_refused"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, error: OSError) -> None:
        # the person at the terminal named the path; it goes to nobody else
        place = f"{error.filename}: " if error.filename else ""
        super().__init__(
            f"{place}{error.strerror or error}",
            hint="check the path and who may read and write it; `neira doctor` looks at a whole home",
        )


class Exists(NeiraError):
    """A file to write that is there already."""

    code = "file_exists"
    status = HTTPStatus.CONFLICT
    fault = Fault.EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} exists already", hint="give another name; no file is replaced")


class NoSuchRecord(NeiraError):
    """A record id that the journal does not hold."""

    code = "record_not_found"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, record: str) -> None:
        super().__init__(
            f"the journal holds no record {record[:_ECHO]!r}",
            hint="`neira journal tail` shows ids; archived records are no longer found here",
        )
