"""The keeper's socket: `.neira/keeper.sock`, for its owner alone.

An address may have 107 bytes, a path to a home may have more. So the folder is opened, and the address names
the socket through that descriptor: it is short wherever the home lies.
"""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.home import Home

FILE = "keeper.sock"
_BACKLOG = 16


def listener(home: Home) -> socket.socket:
    """Listen; what a keeper that died has left there is replaced. Call it under the keeper's lock."""
    unlink(home)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.fchmod(found.fileno(), 0o600)  # before it has a name, so that nobody is ever let in by mistake
        with _address(home) as address:
            found.bind(address)
        found.listen(_BACKLOG)
    except BaseException:
        found.close()
        raise
    return found


def connection(home: Home, seconds: float) -> socket.socket:
    """Connect to the keeper, or raise the OSError that says why not."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found.settimeout(seconds)
        with _address(home) as address:
            found.connect(address)
    except BaseException:
        found.close()
        raise
    return found


def unlink(home: Home) -> None:
    """Take the name away."""
    with suppress(FileNotFoundError):
        (home.private / FILE).unlink()


@contextmanager
def _address(home: Home) -> Iterator[str]:
    folder = os.open(home.private, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{FILE}"
    finally:
        os.close(folder)
