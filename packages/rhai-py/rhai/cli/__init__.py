"""The command line: run a script, check scripts, or talk to the engine line by line.

Exit codes: 0 all went well, 1 a script is at fault, 2 the command is at fault, 130 Ctrl-C.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rhai.cli import check, run
from rhai.cli.options import Unreadable
from rhai.guest import GuestMissing

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMAND_AT_FAULT = 2
_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Do what the words of a command line ask for, and answer the exit code."""
    try:
        if arguments and arguments[0] == "check":
            return check.main(arguments[1:])
        return run.main(arguments)
    except (GuestMissing, Unreadable) as error:
        sys.stderr.write(f"rhai: {error}\n")
        return _COMMAND_AT_FAULT
    except KeyboardInterrupt:
        return _INTERRUPTED
