"""What the engine's trap codes mean, in the words of this package."""

from __future__ import annotations

from wasmlane.outcome import Kind, Stop

_LONGEST = 300

# By the number that the C interface gives; anything else counts as `unreachable`: the guest gave up.
_BY_CODE = {
    0: (Kind.STACK, "the guest nests calls too deep for its stack"),
    1: (Kind.BOUNDS, "the guest reached beyond its memory"),
    2: (Kind.BOUNDS, "the guest reached for a misaligned place"),
    3: (Kind.TABLE, "the guest reached beyond a table"),
    4: (Kind.TABLE, "the guest called an empty place of a table"),
    5: (Kind.TABLE, "the guest called a function by another type than its own"),
    6: (Kind.ARITHMETIC, "a number of the guest overflowed"),
    7: (Kind.ARITHMETIC, "the guest divided by zero"),
    8: (Kind.ARITHMETIC, "the guest made an integer of a number that is none"),
    9: (Kind.UNREACHABLE, "the guest gave up"),
    10: (Kind.TIME, "the guest ran out of time"),
    11: (Kind.FUEL, "the guest used up its fuel"),
}

STOPPED = Stop(Kind.HOST, "the host stopped the guest")
"""Stands until the host's own reason is known."""


def by_code(code: int) -> Stop:
    """Name a trap by its code."""
    kind, words = _BY_CODE.get(code, (Kind.UNREACHABLE, f"the guest ended in trap {code}"))
    return Stop(kind, words)


def by_words(words: str) -> Stop:
    """Name an error that has no code: the engine could not make the instance, or not enter it."""
    text = "".join(letter if letter.isprintable() else " " for letter in words)[:_LONGEST]
    kind = Kind.MEMORY if "memory limits" in text or "table limits" in text else Kind.INSTANCE
    return Stop(kind, text)
