"""Input that cannot be taken in: broken text, ids and versions that are none, fields with mistakes.

Raised by `parse/` and by whoever checks a parsed document; the doors turn them into answers as they are.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from neira.errors.base import Fault, NeiraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import Json, Problem

_ECHO = 200  # bytes of foreign text that may stand in an answer
_LISTED = 50  # problems that an answer lists; the count is always the whole


def _clip(text: str, most: int = _ECHO) -> str:
    """Cut foreign text to what may be echoed."""
    raw = text.encode("utf-8", "backslashreplace")
    if len(raw) <= most:
        return raw.decode("utf-8")
    return raw[: most - 3].decode("utf-8", "ignore") + "…"


def _place(line: int | None, column: int | None = None) -> str:
    """Word a position."""
    if line is None:
        return ""
    return f" (line {line})" if column is None else f" (line {line}, column {column})"


class BadJson(NeiraError):
    """Bytes that are not the JSON we read."""

    code = "bad_json"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(
            f"the JSON cannot be read: {_clip(reason)}{_place(line, column)}",
            hint="send one JSON value in UTF-8, without NaN, repeated keys or lone surrogates",
            details={"reason": _clip(reason), "line": line, "column": column},
        )
        self.reason = reason
        self.line = line
        self.column = column


class BadManifestText(NeiraError):
    """A manifest whose text cannot be read in its syntax."""

    code = "bad_manifest_text"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID
    syntax = "manifest"
    advice = "write the manifest in plain YAML, JSON or TOML"

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(
            f"the {self.syntax} cannot be read: {_clip(reason)}{_place(line)}",
            hint=self.advice,
            details={"syntax": self.syntax, "reason": _clip(reason), "line": line},
        )
        self.reason = reason
        self.line = line


class BadYaml(BadManifestText):
    """YAML that is broken, or uses machinery that manifests do without."""

    syntax = "YAML"
    advice = "use plain mappings, lists and scalars: no anchors, aliases, tags, merge keys, directives"


class BadToml(BadManifestText):
    """TOML that is broken, too deep, or holds dates or numbers that JSON has not."""

    syntax = "TOML"
    advice = "use tables, lists, strings, booleans and numbers; write dates as strings"


class BadId(NeiraError):
    """An id that is none."""

    code = "bad_id"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, field: str, found: str, allowed: str) -> None:
        super().__init__(
            f"{field} is {_clip(found)}, which is not allowed",
            hint=f"give {allowed}",
            details={"field": field, "found": _clip(found), "allowed": allowed},
        )
        self.field = field
        self.found = found
        self.allowed = allowed


class BadVersion(NeiraError):
    """A version that is not SemVer without build metadata."""

    code = "bad_version"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(
            f"{_clip(found)} is not a version",
            hint=f"give {allowed}",
            details={"found": _clip(found), "allowed": allowed},
        )
        self.found = found
        self.allowed = allowed


def _facts(problem: Problem) -> Json:
    return {
        "path": _clip(problem.path),
        "found": _clip(problem.found),
        "allowed": problem.allowed,
        "suggestion": problem.suggestion,
        "line": problem.line,
    }


class InvalidInput(NeiraError):
    """A request body with mistakes, all of them named."""

    code = "invalid_input"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID
    subject = "the body"

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = f"{len(problems)} mistakes" if len(problems) != 1 else "a mistake"
        first = problems[0] if problems else None
        shown = f": {_clip(first.path)} is {_clip(first.found)}{_place(first.line)}" if first else ""
        hint = f"give {first.allowed}" if first else "see the documentation of this call"
        if first and first.suggestion:
            hint = f"did you mean {first.suggestion}? {hint}"
        super().__init__(
            f"{self.subject} has {count}{shown}",
            hint=hint,
            details={"problems": [_facts(each) for each in problems[:_LISTED]], "count": len(problems)},
        )
        self.problems = tuple(problems)


class InvalidParams(InvalidInput):
    """Event params or arguments that their schema does not allow."""

    code = "invalid_params"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    subject = "params"


class InvalidManifest(InvalidInput):
    """A manifest that parses but says something wrong."""

    code = "invalid_manifest"
    subject = "the manifest"


class BadParamsSchema(InvalidInput):
    """A params_schema or config_schema that cannot be used, or that could hurt."""

    code = "bad_params_schema"
    subject = "the schema"


class BodyTooLarge(NeiraError):
    """More bytes than are taken."""

    code = "body_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    fault = Fault.LIMIT

    def __init__(self, limit: int, what: str = "the body") -> None:
        super().__init__(
            f"{what} is larger than {limit} bytes",
            hint="send less, or ask the operator for a higher limit",
            details={"limit": limit},
        )


class BodyTimeout(NeiraError):
    """A body that did not arrive in time."""

    code = "body_timeout"
    status = HTTPStatus.REQUEST_TIMEOUT
    fault = Fault.TIMEOUT

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the body did not arrive within {seconds:g} seconds",
            hint="send it again, without pauses",
            details={"seconds": seconds},
        )
        self.retry_after = 1.0


class UnsupportedMedia(NeiraError):
    """A body of a type, charset or encoding that is not read here."""

    code = "unsupported_media"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    fault = Fault.INVALID

    def __init__(self, found: str, allowed: Sequence[str]) -> None:
        super().__init__(
            f"a body of type {_clip(found) or '(none)'} is not read here",
            hint=f"send {' or '.join(allowed)}, in UTF-8 and without Content-Encoding",
            details={"found": _clip(found), "allowed": list(allowed)},
        )
