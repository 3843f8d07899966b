"""The outside world as protocols: whoever needs time, randomness or a record takes it as an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from neira.model import Draft, Record, Seq


class Clock(Protocol):
    """Wall time for records and expiry, monotonic time for everything that is measured."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back; the same scale in every process of the machine."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Entropy(Protocol):
    """Unpredictable bytes: tokens, salts, ids."""

    def bytes(self, count: int) -> bytes:
        """Return that many random bytes."""
        ...


class Records(Protocol):
    """The journal as its users see it."""

    def append(self, *drafts: Draft) -> tuple[Record, ...]:
        """Chain records and return once they are on disk."""
        ...

    def after(self, seq: Seq) -> Iterator[Record]:
        """Read the records behind a number, oldest first."""
        ...
