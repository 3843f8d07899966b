"""What a call costs: isolated against warm, as values and as JSON, for a real event and for a tiny one.

python packages/rhai-py/benchmarks/calls.py [--quick] [--json]
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import rhai
from measure.report import Report, Target, arguments
from measure.rounds import Contender, alternate
from measure.workload import CLICK, STROKE, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measure.rounds import Timing

EVENTS = {"pencil": STROKE, "small": CLICK}
RATIO, ISOLATION_US = 1.3, 30


def main() -> None:
    """Measure and print."""
    asked = arguments(__doc__)
    rounds, calls = (3, 100) if asked.quick else (15, 400)
    engine = rhai.Engine()
    contenders = [one for name, event in EVENTS.items() for one in ways(engine, name, event, calls)]
    timed = alternate(contenders, rounds)
    report = Report("What a call costs")
    report.table(
        "Microseconds a call: `isolated` starts from the compiled state, `warm` from the last call's.",
        ("call", "p50", "p99", "against warm", "isolation"),
        [row(timed, name, way) for name in EVENTS for way in ("isolated", "warm", "isolated, JSON")],
    )
    report.targets.append(Target("pencil, isolated against warm", ratio(timed, "pencil"), RATIO))
    for name in EVENTS:
        report.targets.append(Target(f"{name}, isolation alone", isolation(timed, name), ISOLATION_US, "us"))
    report.show(as_json=asked.json)


def ways(engine: rhai.Engine, name: str, event: dict[str, Any], calls: int) -> Iterator[Contender]:
    """Give the ways to call one script."""
    script = engine.compile(source(f"{name}.rhai"), name=f"{name}.rhai")
    session = script.session()
    arguments = json.dumps([event]).encode()
    assert script.call("handle", event) == session.call("handle", event)
    assert json.loads(script.call_json("handle", arguments)) == script.call("handle", event)
    yield Contender(f"{name}, isolated", lambda: script.call("handle", event), calls)
    yield Contender(f"{name}, warm", lambda: session.call("handle", event), calls)
    yield Contender(f"{name}, isolated, JSON", lambda: script.call_json("handle", arguments), calls)


def ratio(timed: dict[str, Timing], name: str, way: str = "isolated") -> float:
    """Compare a way with the warm one."""
    return timed[f"{name}, {way}"].over(timed[f"{name}, warm"])


def isolation(timed: dict[str, Timing], name: str) -> float:
    """Tell what isolation alone costs."""
    return timed[f"{name}, isolated"].p50 - timed[f"{name}, warm"].p50


def row(timed: dict[str, Timing], name: str, way: str) -> tuple[str | float, ...]:
    """Make one row of the table."""
    one = timed[f"{name}, {way}"]
    alone = isolation(timed, name) if way == "isolated" else "-"
    return f"{name}, {way}", one.p50, one.p99, ratio(timed, name, way), alone


if __name__ == "__main__":
    main()
