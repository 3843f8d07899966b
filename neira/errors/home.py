"""Folders that cannot be opened as a home."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError


class NotAHome(NeiraError):
    """A folder without a home card."""

    code = "not_a_home"
    status = HTTPStatus.NOT_FOUND
    fault = Fault.NOT_FOUND

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder or 'this folder'} is not a Neira home",
            hint="`neira init DIR` makes one; --home DIR or NEIRA_HOME names another",
        )


class NewerFormat(NeiraError):
    """A home or a record that a newer Neira wrote."""

    code = "newer_format"
    status = HTTPStatus.CONFLICT
    fault = Fault.CONFLICT

    def __init__(self, found: str, known: int) -> None:
        super().__init__(
            f"this home has format {found[:20]}; this Neira knows formats up to {known}",
            hint="use the Neira that wrote it, or a newer one",
            details={"found": found[:20], "known": known},
        )


class BadBackup(NeiraError):
    """A backup that cannot be restored, with the reason."""

    code = "bad_backup"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the backup cannot be restored: {reason}",
            hint="take another backup, or restore into an empty folder",
        )
