"""One road to every route: the same request goes to a server, or to the same application in this process.

Verbs call `Client.call`; whether a socket or a WSGI call carries it is decided once, in `session.py`.
"""

from __future__ import annotations

import http.client
import ssl
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

from werkzeug.test import Client as WsgiClient

from neira import __version__
from neira.cli.multipart import encode
from neira.errors.cli import BadUrl, NotOurAnswer, Refused, ServerAway, ServerSlow
from neira.errors.input import BadJson
from neira.parse import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from urllib.parse import SplitResult
    from wsgiref.types import WSGIApplication

    from neira.cli.multipart import Part
    from neira.model import Caller, Json

API = "/api/neira"
TIMEOUT = 120.0  # seconds; an answer that takes longer is given up, not the work
CALLER = "neira.caller"  # the WSGI key that only code of this process can set
_PIECE = 64 * 1024  # bytes
_ERRORS = 400  # statuses from here on are refusals
_DEEPEST = 1000  # nesting of an answer: a server's journal may hold what our own door would refuse

Query: TypeAlias = "Mapping[str, str | int | bool | None]"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as it goes out."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, whole."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


class Client(Protocol):
    """Whoever answers requests."""

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, Part] | None = None,
    ) -> Reply:
        """Send a request to a path below the API, and return the answer or raise what it was refused with."""
        ...

    def stream(self, path: str, *, query: Query | None = None) -> Iterator[bytes]:
        """Read a long answer piece by piece."""
        ...


class _Road(ABC):
    """What both clients share: the same bytes out, the same reading of what comes back."""

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, Part] | None = None,
    ) -> Reply:
        """Send a request to a path below the API, and return the answer or raise what it was refused with."""
        body, kind = _body(json, files)
        sent = {"Accept": "application/json", **kind, **(headers or {})}
        status, received, pieces = self._send(Ask(method, _target(path, query), sent, body))
        return _reply(status, received, b"".join(pieces))

    def stream(self, path: str, *, query: Query | None = None) -> Iterator[bytes]:
        """Read a long answer piece by piece."""
        status, received, pieces = self._send(Ask("GET", _target(path, query), {}, b""))
        if status >= _ERRORS:
            _reply(status, received, b"".join(pieces))
        yield from pieces

    @abstractmethod
    def _send(self, ask: Ask) -> tuple[int, Mapping[str, str], Iterator[bytes]]:
        """Send one request and return status, headers and the pieces of the body."""


class HttpClient(_Road):
    """A running server. Redirects are not followed: the token is for this address alone."""

    def __init__(self, url: str, token: str | None, *, timeout: float = TIMEOUT) -> None:
        parts = _address(url)
        self._url = url
        self._base = parts.path.rstrip("/")
        self._token = token
        self._timeout = timeout
        if parts.scheme == "https":
            context = ssl.create_default_context()
            self._line: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.netloc, timeout=timeout, context=context
            )
        else:
            self._line = http.client.HTTPConnection(parts.netloc, timeout=timeout)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _send(self, ask: Ask) -> tuple[int, Mapping[str, str], Iterator[bytes]]:
        try:
            self._line.request(ask.method, self._base + ask.target, ask.body or None, self._headers(ask))
            answer = self._line.getresponse()
        except TimeoutError:
            raise ServerSlow(self._url, self._timeout) from None
        except (OSError, http.client.HTTPException) as error:
            raise ServerAway(self._url, _reason(error)) from None
        return answer.status, dict(answer.headers.items()), self._pieces(answer)

    def _headers(self, ask: Ask) -> dict[str, str]:
        known = {"User-Agent": f"neira-cli/{__version__}", **ask.headers}
        return {**known, "Authorization": f"Bearer {self._token}"} if self._token else known

    def _pieces(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        try:
            while piece := answer.read(_PIECE):
                yield piece
        except TimeoutError:
            raise ServerSlow(self._url, self._timeout) from None
        except (OSError, http.client.HTTPException) as error:
            raise ServerAway(self._url, _reason(error)) from None


class LocalClient(_Road):
    """The application over a home, in this process; whoever may open the home's keys is its admin."""

    def __init__(self, application: WSGIApplication, caller: Caller) -> None:
        self._client = WsgiClient(application)
        self._caller = caller

    def close(self) -> None:
        """Have nothing to let go of; the kernel is closed by whoever opened it."""

    def _send(self, ask: Ask) -> tuple[int, Mapping[str, str], Iterator[bytes]]:
        path, _, query = ask.target.partition("?")
        answer = self._client.open(
            path,
            method=ask.method,
            query_string=query,
            headers=dict(ask.headers),
            data=ask.body or None,
            environ_overrides={CALLER: self._caller},
        )
        return answer.status_code, dict(answer.headers.items()), answer.iter_encoded()


def _address(url: str) -> SplitResult:
    parts = urlsplit(url)
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise BadUrl(url)
    return parts


def _target(path: str, query: Query | None) -> str:
    asked = {key: _word(value) for key, value in (query or {}).items() if value is not None}
    return API + path + (f"?{urlencode(asked)}" if asked else "")


def _word(value: str | int | bool | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def segment(text: str) -> str:
    """Write any text as one segment of a path."""
    return quote(text, safe="")


def _body(json: Json, files: Mapping[str, Part] | None) -> tuple[bytes, dict[str, str]]:
    if files is not None:
        body, kind = encode(files)
        return body, {"Content-Type": kind}
    if json is not None:
        return strict_json.dumps(json).encode(), {"Content-Type": "application/json"}
    return b"", {}


def _reply(status: int, headers: Mapping[str, str], raw: bytes) -> Reply:
    try:
        body = strict_json.loads(raw, depth=_DEEPEST) if raw else None
    except BadJson:
        raise NotOurAnswer(status) from None
    if status >= _ERRORS:
        raise Refused(status, body if isinstance(body, dict) else {})
    return Reply(status, body, headers)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
