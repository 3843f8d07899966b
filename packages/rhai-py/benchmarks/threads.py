"""How many calls a second one engine gives to 1, 2 and 4 threads, and what the machine itself would give.

python packages/rhai-py/benchmarks/threads.py [--quick] [--json]
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
    from collections.abc import Callable

THREADS = (1, 2, 4)
SCALING, CORES = 1.7, 2
TURNS = 5_000
# Plain C beside Python: it scales as far as the machine has a second core to spare.
CONTROL, CALM = "the machine's own: hashing", 1.8


@dataclass(frozen=True, slots=True)
class Load:
    """What every thread does, again and again."""

    name: str
    call: Callable[[], object]


def main() -> None:
    """Measure and print."""
    asked = arguments(__doc__)
    rounds, seconds = (2, 0.2) if asked.quick else (9, 0.5)
    report = Report("One engine, many threads")
    rows: list[tuple[str | float, ...]] = []
    for load in loads():
        rates = rates_of(load, rounds, seconds)
        gains = {count: gain(rates, count) for count in THREADS[1:]}
        rows.append((load.name, *(statistics.median(rates[count]) for count in THREADS), *gains.values()))
        if load.name != CONTROL:
            report.targets.append(Target(f"{load.name}, 2 threads", gains[CORES], SCALING, at_least=True))
        elif gains[CORES] < CALM:
            report.notes.append("busy: others use the cores, so that nothing can scale here; try again later")
    columns = ("load", "1 thread", "2 threads", "4 threads", "2 against 1", "4 against 1")
    report.table(f"Calls a second; one engine, one script, {os.cpu_count()} cores.", columns, rows)
    report.show(as_json=asked.json)


def loads() -> tuple[Load, ...]:
    """Prepare the scripts on one engine."""
    # Time is kept, but not as tightly as usual: the machine may be busy with something else.
    engine = rhai.Engine(limits=rhai.Limits(timeout_ms=10_000))
    pencil, small, spin = (
        engine.compile(source(f"{name}.rhai"), name=name) for name in ("pencil", "small", "loop")
    )
    stroke = json.dumps([STROKE]).encode()
    block = bytes(1_000_000)
    return (
        Load(CONTROL, lambda: hashlib.sha256(block).digest()),
        Load("pencil", lambda: pencil.call("handle", STROKE)),
        Load("pencil, JSON", lambda: pencil.call_json("handle", stroke)),
        Load("small", lambda: small.call("handle", CLICK)),
        Load("loop", lambda: spin.call("spin", TURNS)),
    )


def rates_of(load: Load, rounds: int, seconds: float) -> dict[int, list[float]]:
    """Measure with each number of threads in every round."""
    rates: dict[int, list[float]] = {count: [] for count in THREADS}
    load.call()
    for number in range(rounds):
        for count in THREADS if number % 2 else reversed(THREADS):
            rates[count].append(rate(load.call, count, seconds))
    return rates


def gain(rates: dict[int, list[float]], count: int) -> float:
    """Compare with one thread, round by round."""
    return statistics.median(many / one for many, one in zip(rates[count], rates[1], strict=True))


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
