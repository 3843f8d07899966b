"""Refusals of the server itself: broken HTTP, bodies that break off, no room for one more stream."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError


class BadHttp(NeiraError):
    """A request that is not HTTP as we take it."""

    code = "bad_http"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self) -> None:
        super().__init__(
            "the request is not well-formed HTTP/1.1",
            hint="use an ordinary HTTP client; TLS and HTTP/2 end at the proxy in front of this server",
        )


class LineTooLong(NeiraError):
    """A request line past its limit."""

    code = "uri_too_long"
    status = HTTPStatus.REQUEST_URI_TOO_LONG
    fault = Fault.LIMIT

    def __init__(self) -> None:
        super().__init__("the request line is too long", hint="send what you mean in the body")


class HeadTooLarge(NeiraError):
    """Headers past their limit."""

    code = "headers_too_large"
    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    fault = Fault.LIMIT

    def __init__(self) -> None:
        super().__init__("the headers are too large", hint="send fewer or shorter headers")


class RequestTimeout(NeiraError):
    """A request that began and did not arrive whole."""

    code = "request_timeout"
    status = HTTPStatus.REQUEST_TIMEOUT
    fault = Fault.TIMEOUT

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the request did not arrive within {seconds:g} seconds",
            hint="send it again, without pauses",
            details={"seconds": seconds},
        )
        self.retry_after = 1.0


class BadBody(NeiraError):
    """A body whose framing is damaged, or that ends too early."""

    code = "bad_body"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the body cannot be read: {reason}",
            hint="send it whole, with a Content-Length or in well-formed chunks",
            details={"reason": reason},
        )


class UploadsBusy(NeiraError):
    """Too many large or chunked bodies that arrive at once."""

    code = "uploads_busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, slots: int) -> None:
        super().__init__(
            f"{slots} large or chunked bodies are arriving already",
            hint="try again in a second, or send a small body with its Content-Length",
            details={"slots": slots},
        )
        self.retry_after = 1.0


class BadEventNumber(NeiraError):
    """A Last-Event-ID that is no number of a record."""

    code = "bad_last_event_id"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self) -> None:
        super().__init__(
            "Last-Event-ID is not the number of a journal record",
            hint="send the `id` of the last frame as it came, or no Last-Event-ID at all",
        )


class StreamsFull(NeiraError):
    """A worker that keeps as many event streams as it may."""

    code = "streams_full"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"this worker keeps {limit} event streams, which is all it may",
            hint="close streams that nobody reads, or raise `server.streams`",
            details={"limit": limit},
        )
        self.retry_after = 5.0


class NoDescriptors(NeiraError):
    """A process that may not open one more connection."""

    code = "no_descriptors"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(
            "the server has no descriptor left for this connection",
            hint="try again in a second; the operator may raise `ulimit -n`",
        )
        self.retry_after = 1.0
