"""Whether somebody is still writing a file: what it looks like from outside, and who has it open."""

from __future__ import annotations

import fcntl
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LOOK_ONLY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Face:
    """What a change of a file cannot leave as it is."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int  # moves also when somebody sets the other time back


def face(path: Path) -> Face | None:
    """Look at a file without opening it; None if nothing is there."""
    try:
        found = os.stat(path, follow_symlinks=False)  # noqa: PTH116 - one call for all facts, no link followed
    except OSError:
        return None
    return Face(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def is_being_written(path: Path) -> bool:
    """Tell whether a process has the file open for writing, where the system tells such things.

    The kernel grants a read lease only on a file that nobody writes. It is given back at once; a writer who
    comes in between waits for that moment, and the signal that announces him is one that nobody notices.
    """
    try:
        fd = os.open(path, _LOOK_ONLY)
    except OSError:
        return False
    try:
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False  # not our file, or a file system without leases: its face alone has to tell
    finally:
        os.close(fd)
    return False
