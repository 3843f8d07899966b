"""Many calls of every kind, watching what the process holds: `python -m benchmarks.soak --calls 1000000`."""

from __future__ import annotations

import argparse
import gc
import random
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from wasmlane import Image, Lane, Limits, Trapped

from benchmarks.guests import FRESH, SMALL

LIMITS = Limits(fuel=2_000_000, timeout_ms=2000)
ALLOWED_MEGABYTES = 8.0
USUAL = ("small", "small", "small", "small", "small", "small", "ask")
RARE = ("fail", "grow", "work", "broken host", "advance", "live", "fresh")


class Held(NamedTuple):
    """What the process holds."""

    megabytes: float
    descriptors: int
    threads: int


def held() -> Held:
    """Read it from the system."""
    gc.collect()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    resident = int(status["VmRSS"].split()[0]) / 1024
    return Held(resident, len(list(Path("/proc/self/fd").iterdir())), int(status["Threads"]))


def broken(_module: str, _name: str, _data: bytes) -> bytes:
    """Fail, as hosts do."""
    raise LookupError


def once(image: Image, fresh: Image, what: str) -> str:
    """Make one call and name its end."""
    match what:
        case "ask":
            ended: object = image.call("ask", b"question", host=lambda *_: b"answer")
        case "broken host":
            ended = image.call("ask", b"question", host=broken)
        case "advance":
            ended = image.advance("become", b"x")
        case "live":
            with image.open() as guest:
                ended = guest.call("small", b"x")
        case "fresh":
            ended = fresh.call("small", b"x")
        case _:
            ended = image.call(what, b"some input")
    return str(ended.kind) if isinstance(ended, Trapped) else "answer"


def main() -> int:
    """Call, watch, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    calls = parser.parse_args().calls
    chance = random.Random(7)
    ends: Counter[str] = Counter()
    begin = perf_counter()
    with Lane() as lane:
        image = lane.load(SMALL, setup=["begin"], reserve=64, limits=LIMITS)
        fresh = lane.load(FRESH, setup=["begin"], reserve=64, limits=LIMITS)
        seen: list[Held] = []
        for number in range(calls):
            if number % max(1, calls // 10) == calls // 10 - 1:
                seen.append(held())
                print(f"{number + 1:>10,} calls  {perf_counter() - begin:7.1f} s  {seen[-1]}", flush=True)
            ends[once(image, fresh, chance.choice(USUAL if chance.random() < 0.97 else RARE))] += 1  # noqa: PLR2004
    print(dict(ends))
    first, last = seen[0], seen[-1]
    flat = last.megabytes - first.megabytes <= ALLOWED_MEGABYTES and last[1:] == first[1:]
    print("flat" if flat else f"grown: from {first} to {last}")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
