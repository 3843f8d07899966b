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
_MOST_PLACES = 4_096  # names remembered by this process


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
        self._places: dict[tuple[str, str], tuple[int, int]] = {}  # where a name was found last, and its key

    def spend(self, actor: str, rate: Rate) -> None:
        """Take one request from an actor's rate, or refuse with the time to wait."""
        if rate.per_second == 0:
            return
        now = int(self._clock.monotonic() * _MICRO)
        price = int(_MICRO / rate.per_second)
        slot = self._slot(rate.setting, actor, now)
        paid_until = max(self._words[slot], now)
        wait = paid_until + price - (now + price * rate.burst)
        if wait > 0:
            raise RateLimited(rate.setting, wait / _MICRO)
        self._words[slot] = paid_until + price

    def _slot(self, setting: str, actor: str, now: int) -> int:
        """Find the pair of words of a name, where it was before if nobody took that place."""
        pair, key = self._places.get((setting, actor), (0, 0))
        if not key or self._words[pair] != key:
            key = _key(f"{setting} {actor}")
            pair = self._pair(key, now)
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            self._places[setting, actor] = pair, key
        return pair + 1

    def _pair(self, key: int, now: int) -> int:
        """Find or take a pair of words; a full neighbourhood gives up its most idle pair."""
        pairs = [Word.RATES + 2 * ((key + probe) % RATE_SLOTS) for probe in range(_PROBES)]
        for pair in pairs:
            if self._words[pair] == key:
                return pair
        free = min(pairs, key=lambda pair: self._words[pair + 1] if self._words[pair] else 0)
        self._words[free] = key
        self._words[free + 1] = now
        return free


def _key(name: str) -> int:
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little") | 1
