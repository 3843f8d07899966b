"""Fuzz rhai for a while.

    python packages/rhai-py/fuzz/run.py [--seconds 60] [--seed N] [--only NAME]

Prints what it did and the seed that repeats it. An input that breaks a property is saved in its
smallest form, below the folder for temporary files.
"""

from __future__ import annotations

import argparse
import itertools
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from hostile_scripts import SCRIPTS
from rhai_grammar import mutated, nonsense, programs
from rhai_properties import Bench, documents, values

_BATCH = 100
Property = tuple[st.SearchStrategy[object], Callable[..., None]]


def properties(bench: Bench) -> Mapping[str, Property]:
    """Name each property, with the arguments that it is tried on."""
    seeds = [case.source for case in SCRIPTS]
    return {
        "programs": (st.tuples(programs), bench.run),
        "mutated": (st.tuples(mutated(seeds)), bench.run),
        "nonsense": (st.tuples(nonsense), bench.run),
        "stopped": (st.tuples(programs | mutated(seeds), st.integers(1, 3_000_000)), bench.stop_anywhere),
        "values": (st.tuples(values), bench.round_trip),
        "documents": (
            st.tuples(documents, st.booleans()),
            lambda value, ascii_only: bench.json_road(value, ascii_only=ascii_only),
        ),
        "bytes": (
            st.tuples(st.binary(max_size=60) | st.text('[]{}",:0123456789.-+eEtrufalsn\\ ').map(str.encode)),
            bench.any_bytes,
        ),
    }


def batch(case: Property, number: int, counted: list[object]) -> None:
    """Try a hundred inputs; the smallest one that breaks the property is the last one counted."""
    inputs, check = case

    @seed(number)
    @settings(
        max_examples=_BATCH,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(inputs)
    def tried(arguments: tuple[object, ...]) -> None:
        counted.append(arguments)
        check(*arguments)

    tried()


def fuzz(seconds: float, first_seed: int, cases: Mapping[str, Property]) -> tuple[dict[str, int], list[Path]]:
    """Take the properties in turn until the time is over; answer the counts and the saved inputs."""
    counts = dict.fromkeys(cases, 0)
    saved: list[Path] = []
    end = time.monotonic() + seconds
    for number, name in zip(itertools.count(first_seed), itertools.cycle(cases), strict=False):
        if time.monotonic() >= end:
            return counts, saved
        counted: list[object] = []
        try:
            batch(cases[name], number, counted)
        except Exception as error:  # noqa: BLE001 - whatever comes out is what was looked for
            saved.append(save(name, number, counted[-1], error))
        counts[name] += len(counted)
    return counts, saved


def save(name: str, number: int, arguments: object, error: Exception) -> Path:
    """Keep an input that breaks a property."""
    folder = Path(tempfile.gettempdir()) / "rhai-fuzz"
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}-{number}.txt"
    file.write_text(
        f"{type(error).__name__}: {error}\n\n{arguments!r}\n", encoding="utf-8", errors="backslashreplace"
    )
    print(
        f"BROKEN {name} (seed {number}): {type(error).__name__}: {str(error)[:200]!r}\n  saved: {file}",
        flush=True,
    )
    return file


def main() -> int:
    """Read the arguments, fuzz, report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(
        "--seed", type=int, default=None, help="the seed of the first batch; each batch takes the next"
    )
    parser.add_argument("--only", help="one property alone")
    given_arguments = parser.parse_args()
    first = secrets.randbelow(2**32) if given_arguments.seed is None else given_arguments.seed
    cases = properties(Bench.new())
    if given_arguments.only:
        cases = {given_arguments.only: cases[given_arguments.only]}
    print(f"seed {first}, {given_arguments.seconds:g} s", flush=True)
    start = time.monotonic()
    counts, saved = fuzz(given_arguments.seconds, first, cases)
    passed = time.monotonic() - start
    total = sum(counts.values())
    print(
        f"{total:,} cases, {total / passed:,.0f} cases/s: "
        + ", ".join(f"{name} {count:,}" for name, count in counts.items())
    )
    print(f"{len(saved)} broken")
    return 1 if saved else 0


if __name__ == "__main__":
    sys.exit(main())
