"""Settings that cannot be used: named exactly, with the nearest known name or what is allowed."""

from __future__ import annotations

from http import HTTPStatus

from neira.errors.base import Fault, NeiraError


class UnknownSetting(NeiraError):
    """A setting or variable that nobody reads."""

    code = "unknown_setting"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, name: str, near: str | None) -> None:
        guess = f"did you mean {near}? " if near else ""
        super().__init__(
            f"there is no setting {name}",
            hint=f"{guess}`neira settings` lists every setting with its meaning",
            details={"setting": name, "suggestions": [near] if near else []},
        )


class BadSetting(NeiraError):
    """A setting whose value is not of its kind or out of its bounds."""

    code = "bad_setting"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, name: str, found: str, allowed: str) -> None:
        super().__init__(
            f"{name} is {found[:80]!r}, which is not allowed",
            hint=f"give {allowed}",
            details={"setting": name, "found": found[:80], "allowed": allowed},
        )


class UnreadableSettings(NeiraError):
    """A settings file that is not TOML."""

    code = "unreadable_settings"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file} cannot be read: {reason[:200]}", hint=f"mend {file}, or move it away")
