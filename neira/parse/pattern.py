"""Patterns written by strangers, matched in linear time by RE2, which refuses what could take longer.

`schema_rules` compiles them when a schema is registered; a pattern never hurts an event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2  # type: ignore[import-untyped]  # google-re2 ships no types

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 1_000
_MEMORY = 1 << 20  # bytes for one compiled pattern and its automata


class BadPattern(ValueError):
    """A pattern that RE2 does not take."""


def searcher(pattern: str) -> Callable[[str], bool]:
    """Compile a pattern to a function that tells whether it is found somewhere in a text."""
    if len(pattern) > LONGEST:
        raise BadPattern(f"longer than {LONGEST} characters")
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "it does not compile"
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise BadPattern(text[:100]) from None
    return lambda text: compiled.search(text) is not None
