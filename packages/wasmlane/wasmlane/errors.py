"""What is wrong with a module or with the use of a lane; calls that are stopped are values, not errors.

LaneError
    ModuleRefused       these bytes cannot run here
    SetupFailed         they can, but their beginning was stopped
    Unsupported         the installed wasmtime cannot be used
    Closed              the lane was closed
    Busy                two threads share what belongs to one
    Misused             an argument that can never be right (a ValueError too)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wasmlane.outcome import Trapped


class LaneError(Exception):
    """What every error of this package is."""

    code = "lane"


class ModuleRefused(LaneError):
    """The bytes are no module that can run here; the sentence says why."""

    code = "module_refused"


class SetupFailed(LaneError):
    """The module's own beginning, or a set-up export, was stopped."""

    code = "setup_failed"

    def __init__(self, trapped: Trapped) -> None:
        super().__init__(f"the module's set-up was stopped: {trapped.message} [{trapped.kind}]")
        self.trapped = trapped


class Unsupported(LaneError):
    """The installed wasmtime cannot be used."""

    code = "unsupported"


class Closed(LaneError):
    """The lane was closed."""

    code = "closed"

    def __init__(self, what: str) -> None:
        super().__init__(f"this {what} was closed")


class Busy(LaneError):
    """Something that belongs to one thread at a time is in use."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("this live guest is in use: open one for each thread, or call the image")


class Misused(LaneError, ValueError):
    """An argument can never be right."""

    code = "misused"
