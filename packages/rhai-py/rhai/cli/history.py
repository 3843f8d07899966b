"""What was typed before: kept for the arrow keys, between one REPL and the next."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LINES = 1000


def history_file(environment: Mapping[str, str]) -> Path:
    """Give the file of the history, below the folder for a user's state.

    >>> history_file({"XDG_STATE_HOME": "/var/state"}).as_posix()
    '/var/state/rhai/history'
    """
    base = environment.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "rhai" / "history"


@contextlib.contextmanager
def remembered(file: Path) -> Iterator[None]:
    """Load the history while the block runs, and keep it afterwards; without readline there is none."""
    try:
        import readline  # noqa: PLC0415 - not every Python has it
    except ImportError:
        yield
        return
    with contextlib.suppress(OSError):
        readline.read_history_file(file)
    try:
        yield
    finally:
        readline.set_history_length(_LINES)
        # A read-only home is no reason to fail.
        with contextlib.suppress(OSError):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            readline.write_history_file(file)
            file.chmod(0o600)
