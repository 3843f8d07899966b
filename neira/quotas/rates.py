"""Rates a token, counted in memory that the workers share (the generic cell rate algorithm).

Each (token, kind of request) has one number: the time at which it will have paid for what it took. Two
processes that write at the same instant may lose one request's price; that errs on the side of the caller.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.caller import RateLimited
from neira.shared import RATE_SLOTS, Word

if TYPE_CHECKING:
    from neira.ports import Clock
    from neira.shared import SharedWords

_MICRO = 1_000_000
_PROBES = 8


@dataclass(frozen=True, slots=True)
class Rate:
    """A steady rate a second, and how many may come at once."""

    setting: str
    per_second: float
    burst: int


class Rates:
    """The meters of all tokens."""

    def __init__(self, words: SharedWords, clock: Clock) -> None:
        self._words = words
        self._clock = clock

    def spend(self, actor: str, rate: Rate) -> None:
        """Take one request from an actor's rate, or refuse with the time to wait."""
        if rate.per_second == 0:
            return
        now = int(self._clock.monotonic() * _MICRO)
        price = int(_MICRO / rate.per_second)
        slot = self._slot(f"{rate.setting} {actor}", now)
        paid_until = max(self._words[slot], now)
        wait = paid_until + price - (now + price * rate.burst)
        if wait > 0:
            raise RateLimited(rate.setting, wait / _MICRO)
        self._words[slot] = paid_until + price

    def _slot(self, name: str, now: int) -> int:
        """Find or take the pair of words of a name; a full neighbourhood gives up its most idle pair."""
        key = (
            int.from_bytes(hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest(), "little")
            | 1
        )
        pairs = [Word.RATES + 2 * ((key + probe) % RATE_SLOTS) for probe in range(_PROBES)]
        for pair in pairs:
            if self._words[pair] == key:
                return pair + 1
        free = min(pairs, key=lambda pair: self._words[pair + 1] if self._words[pair] else 0)
        self._words[free] = key
        self._words[free + 1] = now
        return free + 1
