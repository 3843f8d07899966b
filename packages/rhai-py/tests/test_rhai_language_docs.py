"""The tour of the language is true."""

from __future__ import annotations

import doctest
from pathlib import Path

TOUR = Path(__file__).parents[1] / "docs" / "language.md"


def test_the_tour_runs_as_written() -> None:
    """Each example of the page answers what stands below it."""
    failed, tried = doctest.testfile(str(TOUR), module_relative=False)
    assert failed == 0
    assert tried > 20
