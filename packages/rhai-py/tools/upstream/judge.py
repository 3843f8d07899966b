"""Running an example and comparing with what its author wrote."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import rhai

from .model import Equals, Example, Fails, Prints, Runs

if TYPE_CHECKING:
    from collections.abc import Sequence

# Wide: this is about the language. The scripts that time themselves count to a million.
LIMITS = rhai.Limits(
    fuel=60_000_000_000,
    timeout_ms=120_000,
    memory_mb=256,
    operations=60_000_000,
    string_size=0,
    array_size=0,
    map_size=0,
    log_size=8 * 1024 * 1024,
    output_size=8 * 1024 * 1024,
)
# The value of an example that ends in one that cannot leave, a closure for one.
INSIDE = object()
_QUIET = re.compile(r"[\s\"']")


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of an example: a value or an error, and what was printed."""

    failed: bool
    value: object
    printed: tuple[str, ...]


def ending(example: Example) -> Ending:
    """Run an example here."""
    engine = rhai.Engine(LIMITS, libraries=example.libraries, diagnose=False)
    printed: list[str] = []
    engine.on_print(printed.append)
    with engine.session() as session:
        try:
            for text in example.earlier:
                session.eval(text)
            printed.clear()
            return Ending(failed=False, value=session.eval(example.text), printed=tuple(printed))
        except rhai.ConversionError:
            # It ran; only its last value is one that stays inside.
            return Ending(failed=False, value=INSIDE, printed=tuple(printed))
        except rhai.RhaiError as error:
            return Ending(failed=True, value=error.message, printed=tuple(printed))


def met(example: Example, seen: Ending) -> bool:
    """Tell whether an example ended as its author wrote."""
    if seen.failed or isinstance(example.expects, Fails):
        return seen.failed and isinstance(example.expects, Fails)
    match example.expects:
        case Equals(value):
            return same(seen.value, value)
        case Prints(lines):
            return _said(seen.printed, lines)
        case Runs():
            return not any("WRONG" in line for line in seen.printed)


def same(one: object, two: object) -> bool:
    """Compare values with their types; bytes may be told as a list, and NaN is itself."""
    if isinstance(one, bytes) and isinstance(two, list):
        one = list(one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, float) and isinstance(two, float) and math.isnan(one):
        return math.isnan(two)
    return type(one) is type(two) and one == two


def alike(here: Ending, native: Ending) -> bool:
    """Compare with the native engine; errors may be worded differently."""
    if here.failed or native.failed:
        return here.failed and native.failed
    return (here.value is INSIDE or same(here.value, native.value)) and here.printed == native.printed


def _said(printed: Sequence[str], lines: Sequence[str]) -> bool:
    """Find each told line among the printed ones, in order; a told line may go on to explain."""
    rest = iter(printed)
    return all(any(_tells(line, text) for text in rest) for line in lines)


def _tells(line: str, text: str) -> bool:
    told, said = _QUIET.sub("", line), _QUIET.sub("", text)
    after = told[len(said) : len(said) + 1]
    return told.startswith(said or "empty") and not (after.isdigit() or after == ".")
