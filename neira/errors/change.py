"""Changes and events that collide: stale preconditions, repeated keys, gone tools."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from neira.errors.base import Fault, NeiraError

if TYPE_CHECKING:
    from neira.model import Json


class PreconditionFailed(NeiraError):
    """An `If-Match` that names another state than today's."""

    code = "precondition_failed"
    status = HTTPStatus.PRECONDITION_FAILED
    fault = Fault.CONFLICT

    def __init__(self, asked: str, current: str) -> None:
        super().__init__(
            f"somebody changed it first: If-Match asks for {asked[:40]}, it is at {current}",
            hint="read it again, look at what changed, and send the new ETag",
            details={"current": current},
        )


class BadPrecondition(NeiraError):
    """An `If-Match` that is not one strong tag."""

    code = "bad_if_match"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self) -> None:
        super().__init__(
            "If-Match must be one strong tag",
            hint='copy the ETag of the last answer as it is, with its quotes, for example "17"',
        )


class BadIdempotencyKey(NeiraError):
    """A key that is not 1 to 128 printable ASCII characters."""

    code = "bad_idempotency_key"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self) -> None:
        super().__init__(
            "Idempotency-Key must be 1 to 128 printable ASCII characters",
            hint="send one header with a fresh random value for each new effect, such as a UUID",
        )


class IdempotencyMismatch(NeiraError):
    """A key that was used for another request."""

    code = "idempotency_mismatch"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    fault = Fault.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            "this Idempotency-Key was used for another request",
            hint="repeat the same method, path and body to get its answer, or take a new key",
        )


class IdempotencyRunning(NeiraError):
    """A key whose first request has not ended."""

    code = "idempotency_running"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self) -> None:
        super().__init__(
            "the first request with this Idempotency-Key is still running",
            hint="send the same request again after Retry-After",
        )
        self.retry_after = 1.0


class ToolGone(NeiraError):
    """An event for a plugin that is not there, or not enabled."""

    code = "tool_gone"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, tool: str, etag: str) -> None:
        super().__init__(
            f"{tool} is not an enabled tool",
            hint="fetch /api/neira/ui/tools again; the list has changed",
            details={"tool_id": tool, "tools_etag": etag},
        )


class UnknownEvent(NeiraError):
    """An event that the tool's ui block does not declare."""

    code = "unknown_event"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    fault = Fault.INVALID

    def __init__(self, tool: str, event: str, near: str | None) -> None:
        known: list[Json] = [near] if near else []
        super().__init__(
            f"{tool} declares no event {event[:80]}",
            hint=f"did you mean {near}?"
            if near
            else "the tool's buttons in /api/neira/ui/tools name its events",
            details={"tool_id": tool, "suggestions": known},
        )


class BadCursor(NeiraError):
    """A cursor that leads nowhere."""

    code = "bad_cursor"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self) -> None:
        super().__init__("this cursor is not one of ours", hint="start again without a cursor")


class Overtaken(NeiraError):
    """Effects that rest on values which another commit has changed meanwhile."""

    code = "conflict"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT
    retry_after = 0.1

    def __init__(self) -> None:
        super().__init__(
            "another run changed what this one had read, before it could be committed",
            hint="send the event again; nothing of this run was kept",
        )
