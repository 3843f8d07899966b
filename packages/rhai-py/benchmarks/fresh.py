"""How soon a script is ready, how soon a process is, and what each live script holds.

python packages/rhai-py/benchmarks/fresh.py [--quick] [--json]
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import rhai
import wasmlane
from measure import bare
from measure.memory import resident
from measure.report import Report, Target, arguments
from measure.rounds import Contender, alternate
from measure.workload import STROKE, source, variant
from rhai.guest import lane

if TYPE_CHECKING:
    from measure.rounds import Timing

READY_MS = 5
MANY = 300
# Run in a process of its own: what one has to wait for that has never seen the engine.
BEGIN = """
import json, time
start = time.perf_counter()
import rhai
loaded = time.perf_counter()
rhai.Engine().eval("40 + 2")
print(json.dumps([loaded - start, time.perf_counter() - loaded]))
"""


def main() -> None:
    """Measure and print."""
    asked = arguments(__doc__)
    rounds, calls = (3, 20) if asked.quick else (11, 100)
    engine = rhai.Engine()
    # First of all: what others give back would hide what is kept.
    kept = held(engine)
    timed = alternate(ways(engine, calls), rounds)
    report = Report("How soon a script is ready")
    rows = [(name, timing.p50 / 1000, timing.p99 / 1000) for name, timing in timed.items()]
    report.table("Milliseconds. Each text is new to the engine.", ("step", "p50", "p99"), rows)
    waits = [*begin(rounds), build()]
    report.table("What a new process waits for: milliseconds.", ("step", "median"), waits)
    report.table(f"Kilobytes for each of {MANY} live scripts.", ("script", "script.size", "resident"), [kept])
    report.targets.append(ready(timed))
    report.show(as_json=asked.json)


def ways(engine: rhai.Engine, calls: int) -> list[Contender]:
    """Give the steps to a script that answers; each text is used once."""
    numbers = itertools.count()
    return [
        Contender(
            "compile, one line", lambda: engine.compile(f"{source('small.rhai')} // {next(numbers)}"), calls
        ),
        Contender("compile, pencil", lambda: engine.compile(variant(next(numbers))), calls),
        Contender(
            "compile and first call, pencil",
            lambda: engine.compile(variant(next(numbers))).call("handle", STROKE),
            calls,
        ),
    ]


def ready(timed: dict[str, Timing]) -> Target:
    """Judge the longest road."""
    took = timed["compile and first call, pencil"].p50 / 1000
    return Target("a new script answers after", took, READY_MS, "ms")


def begin(rounds: int) -> list[tuple[str, float]]:
    """Start processes and tell what they wait for."""
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", BEGIN], check=True, capture_output=True).stdout)
        for _ in range(rounds)
    ]
    loads, engines = (sorted(run[step] * 1000 for run in runs)[len(runs) // 2] for step in (0, 1))
    return [("import rhai", loads), ("the cached engine and the first eval", engines)]


def build() -> tuple[str, float]:
    """Compile the engine as if it were in no cache."""
    start = perf_counter()
    bare.image(wasmlane.Lane(replace(lane().settings, cache=None)), "small.rhai")
    return "the engine compiled, once a machine", (perf_counter() - start) * 1000


def held(engine: rhai.Engine) -> tuple[str, float, float]:
    """Keep many scripts and look at the process."""
    engine.compile(variant(0)).call("handle", STROKE)
    before = resident()
    scripts = [engine.compile(variant(-number)) for number in range(1, MANY + 1)]
    each = (resident() - before) / MANY / 1024
    return "pencil", sum(script.size for script in scripts) / MANY / 1024, each


if __name__ == "__main__":
    main()
