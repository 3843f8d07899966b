"""docs/errors.md from the error classes: `python -m tools.error_docs` writes it, `--check` only compares.

Code, status, fault and meaning come from the classes. What to do is written by people in the last column and
kept; a code without it, and a row without a code, are failures.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import neira.errors
from neira.errors.base import NeiraError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = Path(__file__).resolve().parent.parent / "docs" / "errors.md"
HEAD = "| code | status | fault | what it means | what to do |\n|---|---|---|---|---|\n"
_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One error code as its class tells it."""

    code: str
    status: int
    fault: str
    meaning: str


def rows() -> dict[str, Row]:
    """Read every code; of classes that share one, the first in the tree speaks for it."""
    for module in pkgutil.iter_modules(neira.errors.__path__):
        importlib.import_module(f"neira.errors.{module.name}")
    found: dict[str, Row] = {}
    for kind in _subclasses(NeiraError):
        if "code" in vars(kind) and kind.code not in found:
            meaning = (kind.__doc__ or "").partition("\n")[0].removesuffix(".")
            found[kind.code] = Row(kind.code, int(kind.status), kind.fault.value, meaning)
    return dict(sorted(found.items()))


def _subclasses(kind: type[NeiraError]) -> Iterator[type[NeiraError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


def advice(page: str) -> dict[str, str]:
    """Read what people wrote in the last column, by code."""
    lines = (line.strip("|").split("|") for line in page.splitlines() if line.startswith("| `"))
    cells = ([cell.strip() for cell in line] for line in lines if len(line) == _COLUMNS)
    return {code.strip("`"): to_do for code, _, _, _, to_do in cells}


def written(page: str, found: Mapping[str, Row]) -> str:
    """Write the page anew: its words above the table stay."""
    known = advice(page)
    above, _, _ = page.partition(HEAD)
    lines = [
        f"| `{row.code}` | {row.status} | {row.fault} | {row.meaning} | {known.get(row.code, '')} |\n"
        for row in found.values()
    ]
    return above + HEAD + "".join(lines)


def flaws(page: str, found: Mapping[str, Row]) -> list[str]:
    """Say what is missing, left over, or no longer as the classes say."""
    known = advice(page)
    missing = [f"{code} has no advice" for code in found if not known.get(code)]
    gone = [f"{code} has no class" for code in known if code not in found]
    stale = ["the table is not as the classes say"] if written(page, found) != page else []
    return missing + gone + stale


def main(arguments: list[str]) -> int:
    """Write the page, or only look at it."""
    found = rows()
    if "--check" not in arguments:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    problems = flaws(PAGE.read_text(encoding="utf-8"), found)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
