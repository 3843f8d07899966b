"""10,000 compiled scripts, called at random, against one script called as often.

python packages/rhai-py/benchmarks/many.py [--scripts 10000] [--quick] [--json]
"""

from __future__ import annotations

import random
import statistics
from typing import TYPE_CHECKING

import rhai
from measure.memory import resident
from measure.report import Report, Target, parser
from measure.rounds import Contender, alternate
from measure.workload import STROKE, variant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SLOWER, KILOBYTES = 1.5, 100
SEED = 1


def main() -> None:
    """Measure and print."""
    reader = parser(__doc__)
    reader.add_argument("--scripts", type=int, default=0, help="how many; 10,000 usually, 500 with --quick")
    asked = reader.parse_args()
    count = asked.scripts or (500 if asked.quick else 10_000)
    rounds, calls = (3, 200) if asked.quick else (9, 2_000)
    engine = rhai.Engine()
    engine.compile(variant(count)).call("handle", STROKE)
    before = resident()
    scripts = [engine.compile(variant(number), name=f"page{number}.rhai") for number in range(count)]
    each = (resident() - before) / count / 1024
    timed = alternate(
        [Contender("one script", one(scripts), calls), Contender("at random", any_of(scripts), calls)], rounds
    )
    after = (resident() - before) / count / 1024
    slower = timed["at random"].over(timed["one script"])
    report = Report(f"{count:,} scripts alive")
    rows = [(name, timing.p50, timing.p99) for name, timing in timed.items()]
    report.table("Microseconds a call.", ("call", "p50", "p99"), rows)
    sizes = statistics.median(script.size for script in scripts) / 1024
    columns = ("script.size", "resident, compiled", "resident, all called")
    report.table("Kilobytes for each script.", ("", *columns), [("pencil", sizes, each, after)])
    report.targets.append(Target("at random against one", slower, SLOWER))
    report.targets.append(Target("resident for each script", after, KILOBYTES, "KB"))
    report.show(as_json=asked.json)


def one(scripts: Sequence[rhai.Script]) -> Callable[[], object]:
    """Call the same script again and again."""
    script = scripts[len(scripts) // 2]
    return lambda: script.call("handle", STROKE)


def any_of(scripts: Sequence[rhai.Script]) -> Callable[[], object]:
    """Call another script each time."""
    picked = iter(random.Random(SEED).choices(scripts, k=1_000_000))
    return lambda: next(picked).call("handle", STROKE)


if __name__ == "__main__":
    main()
