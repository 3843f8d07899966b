"""Print the safety table: every hostile script of the tests, run with the default limits.

    python packages/rhai-py/benchmarks/safety.py [--calls 1000]

"on" has Rhai's own limits on (the defaults), "off" has them off: then the sandbox alone stands.
A time is the better of two runs; it includes compiling, and the second run that finds the place.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rhai

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from hostile_scripts import OFF, SCRIPTS, TEXTS, Attacked, attack

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT = rhai.Limits()
BARE = dataclasses.replace(OFF, fuel=DEFAULT.fuel, timeout_ms=DEFAULT.timeout_ms)
_WIDTH = 34


def best(engine: rhai.Engine, source: str) -> Attacked:
    """Run an attack twice and give the quicker run: the first may pay for loading."""
    return min((attack(engine, source) for _ in range(2)), key=lambda seen: seen.ms)


def place(seen: Attacked) -> str:
    """Tell whether the error names its line."""
    if seen.error is None:
        return "-"
    return str(seen.error.place).partition(" of ")[0] if seen.error.line is not None else "none"


def shown(seen: Attacked) -> str:
    """Give the ending, short enough for a table."""
    text = "".join(letter if letter.isprintable() else "?" for letter in seen.ending)
    text = text.replace("|", "/")
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."


def table(engines: Sequence[rhai.Engine]) -> int:
    """Print a row for each attack; answer how many ended in a way that none should."""
    print("| attack | ends as (on) | ends as (off) | ms (on / off) | place found (on / off) |")
    print("|---|---|---|---|---|")
    broken = 0
    for case in (*SCRIPTS, *TEXTS):
        on, off = (best(engine, case.source) for engine in engines)
        broken += "internal" in {on.ending, off.ending}
        times = f"{on.ms:.1f} / {off.ms:.1f}"
        places = f"{place(on)} / {place(off)}"
        print(f"| {case} | {shown(on)} | {shown(off)} | {times} | {places} |", flush=True)
    return broken


def rss_mb() -> float:
    """Read this process's memory (Linux)."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else 0.0


def main() -> int:
    """Print the table, then the memory before and after many attacks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000, help="attacks between the two readings of memory")
    calls: int = parser.parse_args().calls
    engines = [rhai.Engine(limits=DEFAULT), rhai.Engine(limits=BARE)]
    broken = table(engines)
    before = rss_mb()
    sources = itertools.cycle(case.source for case in SCRIPTS)
    for source, engine in zip(itertools.islice(sources, calls), itertools.cycle(engines), strict=False):
        attack(engine, source)
    after = rss_mb()
    print(f"\nMemory of the process: {before:.0f} MB, and {after:.0f} MB after {calls:,} more attacks.")
    print(f"Endings that none should have (internal): {broken}.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
