"""Failures around the keeper, the one background process of a home: who holds it, and how it is spoken to."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError

_ECHO = 80  # characters of a foreign word that a sentence repeats


class KeeperHeld(NeiraError):
    """The home has a keeper already."""

    code = "keeper_held"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, pid: int | None) -> None:
        who = "another process" if pid is None else f"process {pid}"
        super().__init__(
            f"this home is kept by {who}",
            hint="`neira keeper status` shows it; a home has one keeper, and a server starts its own",
            details={"pid": pid},
        )
        self.retry_after = 1.0


class KeeperAway(NeiraError):
    """Nobody keeps the home, or the keeper does not answer."""

    code = "keeper_away"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the keeper of this home does not answer: {reason}",
            hint="start the server of this home, or `neira keeper run`; one that died is back within 2 s",
            details={"reason": reason},
        )
        self.retry_after = 1.0


class KeeperRefused(NeiraError):
    """The keeper answered a request with an error."""

    code = "keeper_refused"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, hint="the words of the keeper stand in docs/operations/keeper.md")
        self.details = {"keeper_code": code}


class BadKeeperRequest(NeiraError):
    """A request to the keeper that it does not know."""

    code = "bad_keeper_request"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, reason: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"the keeper cannot do this: {reason[:_ECHO]}",
            hint=f'send {{"do": …}} with one of: {", ".join(known)}',
            details={"known": list(known)},
        )


class BadFrame(NeiraError):
    """Bytes on the keeper's socket that are no request or answer."""

    code = "bad_frame"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"this is no message of the keeper: {reason}",
            hint="send 4 bytes of length, the highest first, and then that many bytes of JSON",
            details={"reason": reason},
        )


class BadProfile(NeiraError):
    """A word that cannot name a profile."""

    code = "bad_profile"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name[:_ECHO]!r} is no name of a profile",
            hint="use 1 to 32 of a-z 0-9 . _ -",
            details={"name": name[:_ECHO]},
        )
