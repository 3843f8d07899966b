"""Rates a token: a burst, then a steady flow, each actor on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.errors.caller import RateLimited
from neira.quotas.rates import Rate, Rates
from neira.shared import RATE_SLOTS, SharedWords, Word
from tests.fakes import SteppedClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RATE = Rate("rate.changes", per_second=10, burst=5)


@pytest.fixture
def clock() -> SteppedClock:
    """Give a clock that stands still."""
    return SteppedClock()


@pytest.fixture
def rates(tmp_path: Path, clock: SteppedClock) -> Iterator[Rates]:
    """Give meters on a fresh page."""
    words = SharedWords(tmp_path / "words")
    yield Rates(words, clock)
    words.close()


def test_a_burst_passes_and_the_next_request_waits(rates: Rates) -> None:
    """The refusal says how long to wait: the price of one request."""
    for _ in range(5):
        rates.spend("token:a", RATE)
    with pytest.raises(RateLimited) as caught:
        rates.spend("token:a", RATE)
    assert caught.value.retry_after == pytest.approx(0.1)


def test_waiting_earns_requests_back(rates: Rates, clock: SteppedClock) -> None:
    """After a second at ten a second the whole burst is there again."""
    for _ in range(5):
        rates.spend("token:a", RATE)
    clock.step(1)
    for _ in range(5):
        rates.spend("token:a", RATE)


def test_one_actor_does_not_pay_for_another(rates: Rates) -> None:
    """A storm of one token leaves the others alone."""
    for _ in range(5):
        rates.spend("token:a", RATE)
    rates.spend("token:b", RATE)


def test_a_rate_of_zero_is_no_limit(rates: Rates) -> None:
    """Nothing is counted."""
    for _ in range(100):
        rates.spend("token:a", Rate("rate.events", per_second=0, burst=1))


def test_an_actor_whose_place_was_taken_finds_another(tmp_path: Path, clock: SteppedClock) -> None:
    """Whoever looks where it was last does not pay for the one who is there now."""
    words = SharedWords(tmp_path / "words")
    one, other = Rates(words, clock), Rates(words, clock)
    for _ in range(5):
        one.spend("token:a", RATE)
    for word in range(Word.RATES, Word.RATES + 2 * RATE_SLOTS, 2):
        if words[word]:
            words[word] += 2  # another name's key
    other.spend("token:a", RATE)
    one.spend("token:a", RATE)
    words.close()
