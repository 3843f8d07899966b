"""What a benchmark says: tables, and targets that were met or missed; as text or as JSON."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Cell = str | float


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a caption; the first column names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def lines(self) -> list[str]:
        """Write it as Markdown."""
        cells = [self.columns, *(tuple(map(_shown, row)) for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.columns))]
        head, *body = (_line(row, widths) for row in cells)
        rule = "|".join(["", "-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:]), ""])
        return [self.caption, "", head, rule, *body]


@dataclass(frozen=True, slots=True)
class Target:
    """A promise, and what was measured."""

    what: str
    measured: float
    wanted: float
    unit: str = "x"
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Tell whether it holds."""
        return self.measured >= self.wanted if self.at_least else self.measured <= self.wanted

    def line(self) -> str:
        """Write it as a sentence."""
        sign = ">=" if self.at_least else "<="
        word = "met" if self.met else "MISSED"
        target = f"target {sign} {_shown(self.wanted)} {self.unit}"
        return f"{word:6}  {self.what}: {_shown(self.measured)} {self.unit} ({target})"


@dataclass(slots=True)
class Report:
    """All that one benchmark found."""

    title: str
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def table(self, caption: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Add a table."""
        self.tables.append(Table(caption, tuple(columns), tuple(map(tuple, rows))))

    def show(self, *, as_json: bool) -> None:
        """Print everything."""
        if as_json:
            met = {target.what: target.met for target in self.targets}
            print(json.dumps({**asdict(self), "met": met, "machine": machine()}, indent=2))
            return
        print(f"# {self.title}\n# {machine()}\n")
        for table in self.tables:
            print("\n".join(table.lines()), end="\n\n")
        for line in (*self.notes, *(target.line() for target in self.targets)):
            print(line)


def arguments(description: str | None) -> argparse.Namespace:
    """Read `--quick` and `--json`."""
    return parser(description).parse_args()


def parser(description: str | None) -> argparse.ArgumentParser:
    """Make the parser that every benchmark begins with."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "--quick", action="store_true", help="a tenth of the calls: for a look, not for a verdict"
    )
    made.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return made


def machine() -> str:
    """Say in one line what this ran on."""
    cpu = platform.processor() or platform.machine()
    told = Path("/proc/cpuinfo")
    if told.exists():
        named = [
            line.partition(":")[2].strip()
            for line in told.read_text().splitlines()
            if line.startswith("model name")
        ]
        cpu = named[0] if named else cpu
    return f"{os.cpu_count()} x {cpu}, Python {platform.python_version()}, wasmtime {version('wasmtime')}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        f"{cell:{'<' if not n else '>'}{width}}"
        for n, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return f"| {' | '.join([first, *others])} |"


def _shown(cell: Cell) -> str:
    """Write three digits, and whole numbers whole."""
    if isinstance(cell, str):
        return cell
    digits = 0 if cell == int(cell) else max(0, 2 - math.floor(math.log10(abs(cell))))
    return f"{cell:,.{min(digits, 3)}f}"
