"""The two things that tests may fake: the clock and the randomness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class SteppedClock:
    """A clock that moves when it is told to."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 1_000.0

    def now(self) -> datetime:
        """Return the pretended wall time."""
        return self._now

    def monotonic(self) -> float:
        """Return the pretended monotonic time."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Pass the time at once."""
        self.step(seconds)

    def step(self, seconds: float) -> None:
        """Move both times forward."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set_wall(self, now: datetime) -> None:
        """Move the wall clock alone, as an administrator or NTP does."""
        self._now = now


class CountingEntropy:
    """Bytes that look random enough and are the same in every run."""

    def __init__(self) -> None:
        self._count = 0

    def bytes(self, count: int) -> bytes:
        """Return the next bytes."""
        self._count += 1
        return self._count.to_bytes(8, "big").rjust(count, b"\xa5")[-count:]
