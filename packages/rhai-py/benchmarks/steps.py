"""Where the time of one isolated call goes, from dict to dict.

    python packages/rhai-py/benchmarks/steps.py [--quick] [--json]

Each step is timed alone, in turns with the others; `the face` is what the whole call takes beyond their sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rhai
import wasmlane
from measure import bare
from measure.report import Report, arguments
from measure.rounds import Contender, alternate
from measure.workload import CLICK, STROKE, source
from rhai.guest import lane
from rhai.values import inward, outward
from rhai.wire import reply

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = {"pencil": STROKE, "small": CLICK}
# Answers nothing, at once: what is left is the way in and out.
EMPTY = """(module (memory (export "memory") 1)
    (func (export "alloc") (param i32) (result i32) i32.const 1024)
    (func (export "call") (param i32 i32) (result i64) i64.const 0))"""


def main() -> None:
    """Measure and print."""
    asked = arguments(__doc__)
    rounds, calls = (3, 100) if asked.quick else (15, 400)
    contenders = [contender for name, event in EVENTS.items() for contender in parts(name, event, calls)]
    timed = alternate(contenders, rounds)
    took = {name: timing.p50 for name, timing in timed.items()}
    columns = [dict(steps(took, name)) for name in EVENTS]
    rows: list[list[str | float]] = [[step, *(column[step] for column in columns)] for step in columns[0]]
    report = Report("Where the time of a call goes")
    report.table("Microseconds, p50.", ("step", *EVENTS), rows)
    report.show(as_json=asked.json)


def parts(name: str, event: dict[str, Any], calls: int) -> Iterator[Contender]:
    """Prepare what is timed for one event."""
    sent = bare.request("handle", event)
    image = bare.image(lane(), f"{name}.rhai")
    back = bare.called(image, sent)
    answer = reply(back.data)
    script = rhai.Engine().compile(source(f"{name}.rhai"), name=name)
    yield Contender(f"{name}, whole", lambda: script.call("handle", event), calls)
    yield Contender(f"{name}, marshal", lambda: inward((event,), "arguments"), calls)
    yield Contender(f"{name}, isolated", lambda: bare.called(image, sent), calls)
    yield warm(f"{name}, warm", image, sent, calls)
    yield warm(f"{name}, echo", bare.image(lane(), "echo.rhai"), sent, calls)
    yield warm(f"{name}, empty", wasmlane.Lane().load(EMPTY, reserve=len(sent)), sent, calls)
    yield Contender(f"{name}, reply", lambda: reply(back.data), calls)
    yield Contender(f"{name}, json", lambda: outward(answer.value.decode(), tagged=answer.tagged), calls)


def warm(name: str, image: wasmlane.Image, sent: bytes, calls: int) -> Contender:
    """Call an instance that keeps its state."""
    live = image.open()
    return Contender(name, lambda: bare.called(live, sent), calls)


def steps(took: dict[str, float], name: str) -> Iterator[tuple[str, float]]:
    """Take the parts of the whole out of what was timed."""
    whole, isolated, empty, echo, alone = (
        took[f"{name}, {part}"] for part in ("whole", "isolated", "empty", "echo", "warm")
    )
    outside = [(part, took[f"{name}, {part}"]) for part in ("marshal", "reply", "json")]
    yield "arguments to bytes (marshal)", outside[0][1]
    yield "into the guest and out (ctypes, limits, clock)", empty
    yield "putting the memory back", isolated - alone
    yield "in the guest: reading and writing values, about", echo - empty
    yield "in the guest: the script, about", alone - echo
    yield "taking the answer apart", outside[1][1]
    yield "JSON to values", outside[2][1]
    yield "the face", whole - isolated - sum(cost for _, cost in outside)
    yield "whole call", whole


if __name__ == "__main__":
    main()
