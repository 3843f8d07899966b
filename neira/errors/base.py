"""The root of the error tree: what every door needs to know to answer a failure well."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

    from neira.model import Json


class Fault(StrEnum):
    """The closed list of error kinds; a program may decide on them alone."""

    NOT_FOUND = "not_found"
    EXISTS = "already_exists"
    INVALID = "invalid"
    DENIED = "denied"
    UNAVAILABLE = "unavailable"
    CONFLICT = "conflict"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    LIMIT = "limit"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


class NeiraError(Exception):
    """A failure with a stable code, an HTTP status and a sentence made from its own data.

    A subclass sets the class attributes, takes data and words the sentence itself; `hint` says
    what to do next, `details` goes into problem+json and `--json` as it is.
    """

    code: ClassVar[str]
    status: ClassVar[HTTPStatus]
    fault: ClassVar[Fault]
    retry_after: float | None = None

    def __init__(self, sentence: str, *, hint: str, details: Mapping[str, Json] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.details: dict[str, Json] = dict(details or {})

    @property
    def retryable(self) -> bool:
        """Tell whether the same call may succeed later, unchanged."""
        return self.retry_after is not None
