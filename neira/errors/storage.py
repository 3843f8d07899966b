"""Failures of what is derived from the context of a home."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError


class SearchIndexFailed(NeiraError):
    """The search index could not be made; searches read the files themselves meanwhile."""

    code = "search_index_failed"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the search index could not be made: {reason}",
            hint="searches go on without it, slower; look at the disk and at the version of SQLite",
            details={"reason": reason},
        )
