"""Timing, percentiles and tables."""

from __future__ import annotations

import gc
import threading
from time import perf_counter, perf_counter_ns
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Timing(NamedTuple):
    """Microseconds of one call."""

    p50: float
    p99: float


def timed(call: Callable[[], object], times: int = 3000) -> Timing:
    """Call often and take the middle and the slow end."""
    for _ in range(times // 10):
        call()
    gc.collect()
    taken = []
    for _ in range(times):
        begin = perf_counter_ns()
        call()
        taken.append(perf_counter_ns() - begin)
    taken.sort()
    return Timing(taken[times // 2] / 1000, taken[times * 99 // 100] / 1000)


def rate(call: Callable[[], object], threads: int, seconds: float = 1.0) -> float:
    """Count calls in a second, by several threads at once."""
    counts = [0] * threads
    begin = threading.Barrier(threads)

    def work(number: int) -> None:
        begin.wait()
        end = perf_counter() + seconds
        while perf_counter() < end:
            for _ in range(20):
                call()
            counts[number] += 20

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / seconds


def row(name: str, *cells: object) -> None:
    """Print one row of a table."""
    print(
        f"| {name:<50} |",
        " | ".join(f"{cell:>9,.2f}" if isinstance(cell, float) else f"{cell!s:>9}" for cell in cells),
        "|",
    )


def head(name: str, *cells: str) -> None:
    """Print a table's head."""
    print()
    row(name, *cells)
    print("|", "-" * 50, "|", " | ".join("-" * 9 for _ in cells), "|", sep="")
