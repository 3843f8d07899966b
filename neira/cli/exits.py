"""Exit codes: what a script learns from `$?`; docs/cli.md prints this table.

20 to 25 stay free for the limits of a plugin's run (time, fuel, memory, output, denied, signature).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors.base import Fault
from neira.errors.cli import Refused

if TYPE_CHECKING:
    from neira.errors import NeiraError

DONE = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 130
BROKEN_PIPE = 141

BY_FAULT = {
    Fault.NOT_FOUND: 3,
    Fault.DENIED: 4,
    Fault.CONFLICT: 5,
    Fault.EXISTS: 5,
    Fault.INVALID: 6,
    Fault.UNAVAILABLE: 7,
    Fault.TIMEOUT: 7,
    Fault.RATE_LIMITED: 8,
    Fault.LIMIT: 9,
    Fault.CANCELLED: INTERRUPTED,
    Fault.INTERNAL: FAILED,
}

MEANINGS = (
    (DONE, "done"),
    (FAILED, "it ran and failed: damage was found, a check of `doctor` failed, or a fault inside Neira"),
    (USAGE, "wrong usage: unknown verb or option, a malformed argument"),
    (3, "not found"),
    (4, "denied: no token, too small a scope, a closed gate, safe mode"),
    (5, "conflict, or it exists already"),
    (6, "invalid input"),
    (7, "unavailable, or it took too long"),
    (8, "rate limited"),
    (9, "larger than a limit allows"),
    (INTERRUPTED, "interrupted by Ctrl-C"),
    (BROKEN_PIPE, "whoever read the output went away"),
)
RESERVED = "20 to 25 are reserved for limits of a plugin's run: time, fuel, memory, output, denied, signature"


def code_of(error: NeiraError) -> int:
    """Say with which code a failure ends the program."""
    return BY_FAULT[error.kind if isinstance(error, Refused) else error.fault]
