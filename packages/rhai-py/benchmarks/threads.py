"""How many calls a second one engine gives to 1, 2 and 4 threads.

    python packages/rhai-py/benchmarks/threads.py [--quick] [--json]

Only rounds count in which plain C work, before and after, found a second core free: where others use the
machine, nothing can scale.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import threading
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import rhai
from measure.report import Report, Target, arguments
from measure.workload import CLICK, STROKE, source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from measure.report import Cell

THREADS = (1, 2, 4)
SCALING, CALM = 1.7, 1.8
TURNS = 5_000
BLOCK = bytes(1_000_000)


@dataclass(frozen=True, slots=True)
class Round:
    """Calls a second by number of threads, and whether the machine had two cores for it."""

    rates: dict[int, float]
    calm: bool

    def gain(self, count: int) -> float:
        """Compare with one thread."""
        return self.rates[count] / self.rates[1]


def main() -> None:
    """Measure and print."""
    asked = arguments(__doc__)
    rounds, seconds = (3, 0.2) if asked.quick else (12, 0.4)
    report = Report("One engine, many threads")
    rows = []
    for name, call in loads().items():
        taken = [one_round(call, seconds) for _ in range(rounds)]
        calm = [each for each in taken if each.calm]
        rows.append([name, *summed(calm or taken), f"{len(calm)} of {rounds}"])
        if calm:
            gain = statistics.median(each.gain(2) for each in calm)
            report.targets.append(Target(f"{name}, 2 threads", gain, SCALING, at_least=True))
        else:
            report.notes.append(f"{name}: not judged, others used the machine in every round")
    columns = ("load", "1 thread", "2 threads", "4 threads", "2 against 1", "4 against 1", "calm rounds")
    report.table(f"Calls a second; one engine, one script, {os.cpu_count()} cores.", columns, rows)
    report.show(as_json=asked.json)


def loads() -> dict[str, Callable[[], object]]:
    """Prepare the scripts on one engine."""
    # Time is kept, but not as tightly as usual: the machine may be busy with something else.
    engine = rhai.Engine(limits=rhai.Limits(timeout_ms=10_000))
    names = ("pencil", "small", "loop")
    pencil, small, spin = (engine.compile(source(f"{name}.rhai"), name=name) for name in names)
    stroke = json.dumps([STROKE]).encode()
    return {
        "pencil": lambda: pencil.call("handle", STROKE),
        "pencil, JSON": lambda: pencil.call_json("handle", stroke),
        "small": lambda: small.call("handle", CLICK),
        "loop": lambda: spin.call("spin", TURNS),
    }


def one_round(call: Callable[[], object], seconds: float) -> Round:
    """Measure with each number of threads, between two looks at the machine."""
    before = free()
    rates = {count: rate(call, count, seconds) for count in THREADS}
    return Round(rates, before and free())


def free() -> bool:
    """Tell whether two threads of plain C do the work of two."""
    one, two = (rate(lambda: hashlib.sha256(BLOCK).digest(), count, 0.1) for count in (1, 2))
    return two / one >= CALM


def summed(rounds: Sequence[Round]) -> list[Cell]:
    """Give the median rates and gains."""
    rates = [statistics.median(each.rates[count] for each in rounds) for count in THREADS]
    gains = [statistics.median(each.gain(count) for each in rounds) for count in THREADS[1:]]
    return [*rates, *gains]


def rate(call: Callable[[], object], count: int, seconds: float) -> float:
    """Count the calls that some threads make in a while."""
    done = [0] * count
    gate = threading.Barrier(count + 1)
    over = threading.Event()

    def work(own: int) -> None:
        gate.wait()
        while not over.is_set():
            call()
            done[own] += 1

    workers = [threading.Thread(target=work, args=(own,)) for own in range(count)]
    for worker in workers:
        worker.start()
    gate.wait()
    start = perf_counter()
    over.wait(seconds)
    over.set()
    took = perf_counter() - start
    for worker in workers:
        worker.join()
    return sum(done) / took


if __name__ == "__main__":
    main()
