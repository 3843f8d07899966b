"""The real clock and the real randomness, given to the kernel by whoever opens it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime


class SystemClock:
    """Time as the machine tells it."""

    def now(self) -> datetime:
        """Return the wall time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds, comparable between its processes."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class SystemEntropy:
    """Randomness as the kernel gives it."""

    def bytes(self, count: int) -> bytes:
        """Return random bytes."""
        return os.urandom(count)
