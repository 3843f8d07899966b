"""The validator: a message comes out tidy and polite, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.errors.input import InvalidParams
from tests.examples.shown import Shown, show

if TYPE_CHECKING:
    from neira.kernel import Kernel

SEND = "validator.send"


@pytest.fixture
def validator(live: Kernel) -> Shown:
    """Register the validator."""
    return show(live, "validator")


@pytest.mark.parametrize(
    ("written", "saved"),
    [
        ("hello", "hello"),
        ("  one \n\n two\tthree  ", "one two three"),
        ("You IDIOT, stop!", "You ***, stop!"),
        ("«Дурак» — и ещё Идиотка", "«***» — и ещё ***ка"),
        ("a" * 2000, "a" * 2000),
        ("a " * 999 + "a", "a " * 999 + "a"),
    ],
)
def test_a_message_is_saved_tidy(validator: Shown, written: str, saved: str) -> None:
    """Trimmed, one blank between words, rude words covered; the answer shows what was saved."""
    result = validator.send(SEND, {"text": written})
    assert (result["outcome"], result["result"]) == ("ok", {"ok": True, "text": saved})
    assert [line["text"] for line in validator.lines("messages")] == [saved]


@pytest.mark.parametrize(
    ("written", "reason"),
    [("", "empty"), (" \n ", "empty"), ("a" * 2001, "too_long"), ("a " * 100_000, "too_long")],
)
def test_a_bad_message_is_refused_with_the_reason(validator: Shown, written: str, reason: str) -> None:
    """The run ends well, and nothing is saved."""
    result = validator.send(SEND, {"text": written})
    assert (result["outcome"], result["actions"]) == ("ok", [])
    assert (result["result"]["ok"], result["result"]["reason"]) == (False, reason)
    assert validator.lines("messages") == []


def test_no_text_does_not_come_in(validator: Shown) -> None:
    """The manifest asks for one."""
    with pytest.raises(InvalidParams):
        validator.send(SEND, {"text": None})
