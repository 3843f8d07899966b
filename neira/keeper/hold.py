"""The lock that makes a process the keeper of a home: held for life, let go of by the kernel when it ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from neira.errors.keeper import KeeperHeld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from neira.home import Home

FILE = "keeper.lock"
_MOST = 20  # bytes of a process id


@contextmanager
def held(home: Home, wait: Callable[[], bool] | None = None) -> Iterator[None]:
    """Be the keeper in this block; while another one is, ask `wait` whether to try again, or refuse."""
    while (fd := _taken(home)) is None:
        if wait is None or not wait():
            raise KeeperHeld(holder(home))
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(fd)


def holder(home: Home) -> int | None:
    """Name the process that keeps the home; None if nobody does."""
    try:
        fd = os.open(home.private / FILE, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(fd, _MOST, 0).strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(fd)
    return None


def _taken(home: Home) -> int | None:
    """Lock the file if it is free, and still the one that others would open."""
    path = home.private / FILE
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(fd), path.stat()):
            return fd
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(fd)
        raise
    os.close(fd)
    return None
