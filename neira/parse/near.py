"""The known word that was probably meant; for suggestions in errors, never to guess for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 64
_LETTERS_A_SLIP = 3  # one slip is forgiven for every three letters of the word


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to a misspelt one, or None when nothing is near."""
    if not 0 < len(word) <= _LONGEST:
        return None
    written = word.casefold()
    best: tuple[int, str] | None = None
    for candidate in known:
        slips = max(1, min(len(word), len(candidate)) // _LETTERS_A_SLIP)
        if abs(len(candidate) - len(word)) > slips:
            continue
        distance = slips_between(written, candidate.casefold())
        if distance <= slips and (best is None or distance < best[0]):
            best = (distance, candidate)
    return None if best is None else best[1]


def slips_between(left: str, right: str) -> int:
    """Count the letters added, lost, changed or swapped with their neighbour."""
    before: list[int] = []
    above = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
