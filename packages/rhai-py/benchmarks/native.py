"""How much slower Rhai runs in the sandbox than without: a busy loop and a real event, JSON both ways.

    python packages/rhai-py/benchmarks/native.py [--quick] [--json]

Builds native Rhai with cargo, once, into a cache folder.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rhai
from measure.report import Report, Target, arguments
from measure.rounds import Timing, samples, timing
from measure.workload import SCRIPTS, STROKE, source

if TYPE_CHECKING:
    from collections.abc import Sequence

CRATE = Path(__file__).parent / "native"
BUILT = Path.home() / ".cache" / "rhai-py-benchmarks" / "native"
SLOWER = 5
TURNS = 2_000


@dataclass(frozen=True, slots=True)
class Work:
    """A function with its arguments, called here and there."""

    name: str
    script: str
    function: str
    arguments: bytes
    calls: int


def main() -> None:
    """Measure and print."""
    asked = arguments(__doc__)
    rounds, part = (3, 10) if asked.quick else (11, 1)
    program = build()
    report = Report("Beside native Rhai")
    rows: list[tuple[str | float, ...]] = []
    for work in works(part):
        ours, theirs = compared(program, work, rounds)
        rows.append((work.name, ours.p50, ours.p99, theirs.p50, theirs.p99, ours.over(theirs)))
        if work.function == "spin":
            report.targets.append(Target("busy loop against native", ours.over(theirs), SLOWER))
    report.table(
        "Microseconds a call. Ours is isolated, with fuel, clock and limits; native has none of them.",
        ("work", "ours p50", "ours p99", "native p50", "native p99", "ratio"),
        rows,
    )
    report.show(as_json=asked.json)


def works(part: int) -> tuple[Work, ...]:
    """Give the work to be compared."""
    return (
        Work("busy loop", "loop.rhai", "spin", packed(TURNS), 500 // part),
        Work("pencil", "pencil.rhai", "handle", packed(STROKE), 1000 // part),
    )


def packed(argument: Any) -> bytes:
    """Write the arguments of a call."""
    return json.dumps([argument]).encode()


def build() -> Path:
    """Build native Rhai, or say what is missing."""
    cargo = shutil.which("cargo")
    if cargo is None:
        sys.exit("native.py compares with native Rhai and needs cargo, Rust's build tool, to build it")
    command = [cargo, "build", "--release", "--quiet", "--manifest-path", str(CRATE / "Cargo.toml")]
    subprocess.run([*command, "--target-dir", str(BUILT)], check=True, stdout=sys.stderr)
    return BUILT / "release" / "rhai-native-bench"


def compared(program: Path, work: Work, rounds: int) -> tuple[Timing, Timing]:
    """Time both in turns."""
    script = rhai.Engine().compile(source(work.script), name=work.script)
    command = [
        str(program),
        str(SCRIPTS / work.script),
        work.function,
        work.arguments.decode(),
        str(work.calls),
    ]
    ours: list[Sequence[float]] = []
    theirs: list[Sequence[float]] = []
    for _ in range(rounds):
        ours.append(samples(lambda: script.call_json(work.function, work.arguments), work.calls))
        told = subprocess.run(command, check=True, capture_output=True).stdout
        theirs.append([nanoseconds / 1000 for nanoseconds in json.loads(told)])
    return timing(ours), timing(theirs)


if __name__ == "__main__":
    main()
