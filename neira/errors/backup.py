"""Backups and restores that would overwrite something, or cannot take it all."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError


class BackupExists(NeiraError):
    """A backup file that is there already."""

    code = "backup_exists"
    status = HTTPStatus.CONFLICT
    fault = Fault.EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} exists already", hint="give another name: a backup never replaces a file")


class NotEmpty(NeiraError):
    """A folder to restore into that holds something."""

    code = "folder_not_empty"
    status = HTTPStatus.CONFLICT
    fault = Fault.EXISTS

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not an empty folder", hint="restore into a new folder, then move it where it belongs"
        )


class BackupUnsound(NeiraError):
    """A home whose copy does not verify: the file was not kept."""

    code = "backup_unsound"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the backup was not kept, since its copy of the journal is not sound: {reason}",
            hint="run `neira journal verify` on the home; copy the folder by hand before you mend it",
            details={"reason": reason},
        )
