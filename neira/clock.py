"""The real clock and the real randomness, given to the kernel by whoever opens it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from neira.ports import Entropy


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


def machine_boot() -> str:
    """Name this start of the machine: what shared memory holds does not outlive it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


def uuid7(now: datetime, entropy: Entropy) -> str:
    """Mint a UUID of version 7: its text sorts by time."""
    milliseconds = int(now.timestamp() * 1000)
    tail = int.from_bytes(entropy.bytes(10), "big")
    number = (
        milliseconds << 80 | 7 << 76 | (tail >> 4 & 0xFFF) << 64 | 0b10 << 62 | (tail >> 16) & (1 << 62) - 1
    )
    return str(UUID(int=number))
