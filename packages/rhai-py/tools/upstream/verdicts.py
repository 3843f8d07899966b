"""Saying why an example ended as it did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .judge import Ending, alike, met
from .model import Example, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

# Where native Rhai of the pinned version was seen to end as we do, and unlike the text: places only.
RECORD = Path(__file__).parent / "as_native.txt"
# What is switched off says so; docs/differences.md says why.
_REMOVED = {
    "eval": "`eval` does not exist",
    "sleep": "`sleep` does not exist here",
    "timestamp": "`timestamp` does not exist here",
    "computed import": "an import takes its path as literal text",
}


def removed(seen: Ending) -> str | None:
    """Name the switched-off feature that ended a run."""
    words = str(seen.value) if seen.failed else ""
    return next((name for name, phrase in _REMOVED.items() if phrase in words), None)


def verdict(example: Example, seen: Ending, native: Ending | None, recorded: frozenset[str]) -> Verdict:
    """Judge an ending; `native` is how the same engine ended outside the sandbox, if it was asked."""
    missing = removed(seen)
    if native is not None and missing is None and not alike(seen, native):
        return Verdict.UNEXPLAINED
    if met(example, seen):
        return Verdict.PASSED
    if missing is not None:
        return Verdict.KNOWN
    if example.prepared:
        return Verdict.PREPARED
    if native is not None or str(example.origin) in recorded:
        return Verdict.NATIVE
    return Verdict.UNEXPLAINED


def read_record() -> frozenset[str]:
    """Read the places."""
    return frozenset(RECORD.read_text().splitlines())


def write_record(places: Iterable[str]) -> None:
    """Write the places, sorted."""
    RECORD.write_text("".join(f"{place}\n" for place in sorted(places)))
