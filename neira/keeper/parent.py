"""End with the process that started this one: by a signal from the kernel, and by looking."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_SIGNAL_OF_PARENTS_DEATH = 1  # PR_SET_PDEATHSIG


def end_with(parent: int) -> None:
    """Be sent SIGTERM when the parent ends; also when it has ended before this could be asked for."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_SIGNAL_OF_PARENTS_DEATH, signal.SIGTERM, 0, 0, 0)
    if is_orphan_of(parent):
        os.kill(os.getpid(), signal.SIGTERM)


def is_orphan_of(parent: int) -> bool:
    """Tell whether that process is gone."""
    return os.getppid() != parent
