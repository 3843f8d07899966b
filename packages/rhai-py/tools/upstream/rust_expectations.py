"""What a Rust test expects of an evaluation, read from the statement around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import literals
from .model import Equals, Fails, Runs
from .rust_text import Token, joined, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Expectation

_FAILURE = re.compile(r"\.(expect_err\(|is_err\(|unwrap_err\()")
_SUCCESS = re.compile(r"\?|unwrap|expect")
# The call of the engine is written as one sign: what stands around it decides.
_CALL = "@"
_PLAIN = re.compile(r"(convert_to_vec(::<\w+>)?\()?@(\?|\.unwrap\(\)|\.expect\([^)]*\))\)?")


def says_failure(statement: Sequence[Token]) -> bool:
    """Tell whether a statement waits for an error."""
    return _FAILURE.search(joined(statement)) is not None


def expectation(statement: list[Token], at: int, end: int) -> Expectation | None:
    """Tell what a statement expects of the call whose arguments stand between two brackets."""
    if says_failure(statement):
        return Fails()
    macro = next((i for i in range(at) if statement[i].text in {"assert", "assert_eq"}), None)
    if macro is None:
        return Runs() if _SUCCESS.search(joined(statement)) else None
    inside = statement[macro + 3 : -1]
    sides = split(inside)
    shape = _shape(sides[0], statement[end])
    if statement[macro].text == "assert":
        return {"@?": Equals(value=True), "!@?": Equals(value=False)}.get(shape, Runs())
    if len(sides) < 2 or not _PLAIN.fullmatch(shape):  # noqa: PLR2004 - the two sides of an equation
        return Runs()
    try:
        return Equals(literals.value(sides[1]))
    except ValueError:
        return Runs()


def _shape(side: list[Token], closing: Token) -> str:
    """Give one side of an assertion with the call of the engine as one sign."""
    if closing not in side:
        return ""
    end = next(index for index, token in enumerate(side) if token is closing)
    start = next((i for i, token in enumerate(side) if token.text in {"engine", "Engine"}), 0)
    return joined(side[:start]) + _CALL + joined(side[end + 1 :])
