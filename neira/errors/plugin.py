"""Permissions that nobody can be given."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError
from neira.model import Problem


class UnknownPermission(NeiraError):
    """Text that names no permission, or names it wrongly."""

    code = "unknown_permission"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, found: str, allowed: str, suggestion: str | None = None) -> None:
        guess = f"did you mean {suggestion}? " if suggestion else ""
        super().__init__(
            f"{found} is no permission",
            hint=f"{guess}allowed is {allowed}",
            details={"found": found, "allowed": allowed, "suggestions": [suggestion] if suggestion else []},
        )
        self._problem = (found, allowed, suggestion)

    def problem(self, path: str) -> Problem:
        """Say the same as one of several problems of a document."""
        found, allowed, suggestion = self._problem
        return Problem(path, found, allowed, suggestion)
