"""What the walls cost: the same warm calls with and without fuel, with and without a clock.

    python packages/rhai-py/benchmarks/walls.py [--quick] [--json]

The first run compiles the engine once for each of the four settings.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import wasmlane
from measure import bare
from measure.report import Report, arguments
from measure.rounds import Contender, alternate
from measure.workload import CLICK, STROKE
from rhai.guest import lane

NAMES = {
    (False, False): "neither",
    (False, True): "clock",
    (True, False): "fuel",
    (True, True): "fuel and clock",
}
WORK = {"pencil": STROKE, "small": CLICK}


def main() -> None:
    """Measure and print."""
    asked = arguments(__doc__)
    rounds, calls = (3, 100) if asked.quick else (15, 400)
    contenders = [
        contender
        for fuel, epochs in itertools.product((False, True), repeat=2)
        for contender in ways(NAMES[fuel, epochs], replace(lane().settings, fuel=fuel, epochs=epochs), calls)
    ]
    timed = alternate(contenders, rounds)
    report = Report("What fuel and the clock cost")
    rows = []
    for name in NAMES.values():
        own = {work: timed[f"{name}, {work}"] for work in WORK}
        factors = [own[work].over(timed[f"neither, {work}"]) for work in WORK]
        rows.append((name, own["pencil"].p50, factors[0], own["small"].p50, factors[1]))
    columns = ("walls", "pencil p50", "against neither", "small p50", "against neither")
    report.table("Microseconds a warm call, bytes to bytes.", columns, rows)
    report.show(as_json=asked.json)


def ways(name: str, settings: wasmlane.Settings, calls: int) -> list[Contender]:
    """Prepare both scripts in a lane of its own."""
    own = wasmlane.Lane(settings)
    return [
        warm(f"{name}, {work}", bare.image(own, f"{work}.rhai"), event, calls) for work, event in WORK.items()
    ]


def warm(name: str, image: wasmlane.Image, event: dict[str, Any], calls: int) -> Contender:
    """Call an instance that keeps its state."""
    live = image.open()
    sent = bare.request("handle", event)
    return Contender(name, lambda: bare.called(live, sent), calls)


if __name__ == "__main__":
    main()
