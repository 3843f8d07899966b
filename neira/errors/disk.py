"""Failures of the disk and of paths on it, raised by `disk.py` alone."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError

_ECHO = 200  # bytes of a foreign path that may stand in an answer


class DiskFailed(NeiraError):
    """The disk refused an operation; nothing was replaced."""

    code = "disk_failed"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{name} could not be written: {reason}",
            hint="look at the disk and at the rights on the home (`neira doctor`), then try again",
            details={"file": name, "reason": reason},
        )
        self.retry_after = 5.0


class FsyncFailed(NeiraError):
    """An fsync failed: what was written may be lost, and asking again would only hide it."""

    code = "fsync_failed"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the disk did not confirm a write: {reason}",
            hint="check the disk; `neira journal verify` shows what survived",
            details={"reason": reason},
        )
        self.reason = reason


class DiskFull(NeiraError):
    """No room, or no quota, left for a file."""

    code = "disk_full"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no room left to write {name}",
            hint="free some space below the home, then try again",
            details={"file": name},
        )
        self.retry_after = 10.0


class HomeReadOnly(NeiraError):
    """The home lies on a file system that is mounted read-only."""

    code = "read_only"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} lies on a read-only file system",
            hint="mount the home for writing, then try again",
            details={"file": name},
        )
        self.retry_after = 10.0


class BadPath(NeiraError):
    """A path that does not name a plain file below its root."""

    code = "bad_entry"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, path: str, reason: str) -> None:
        shown = path.encode("utf-8", "backslashreplace")[:_ECHO].decode("utf-8", "ignore")
        super().__init__(
            f"{shown!r} cannot be read: {reason}",
            hint="name a plain file by a path relative to the home, without .. and without links",
            details={"path": shown, "reason": reason},
        )
        self.reason = reason


class Busy(NeiraError):
    """A lock that somebody else held for too long."""

    code = "busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    fault = Fault.UNAVAILABLE

    def __init__(self, lock: str, waited: float) -> None:
        super().__init__(
            f"another process has held {lock} for more than {waited:g} seconds",
            hint="try again; if it stays, `neira doctor` names the process that holds the lock",
            details={"lock": lock, "waited": waited},
        )
        self.retry_after = 1.0
