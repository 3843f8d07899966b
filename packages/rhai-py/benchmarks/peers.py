"""An isolated call beside other languages in Python: dict in, dict out, the same checks, in one run.

    python packages/rhai-py/benchmarks/peers.py --install     # once: the peers, into a cache folder
    python packages/rhai-py/benchmarks/peers.py [--quick] [--json]

Peers that are not there are named and skipped.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rhai
from measure import floor
from measure.peers import Peer, handles
from measure.report import Report, Target, parser
from measure.rounds import Contender, Timing, alternate
from measure.workload import STROKE, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from measure.peers import Handle

FOLDER = Path.home() / ".cache" / "rhai-py-benchmarks" / "peers"
WANTED = Path(__file__).with_name("peers.txt")
OURS = "rhai, isolated"
# A new V8 isolate takes milliseconds: fewer calls are enough.
SLOW = frozenset({"py_mini_racer", "dukpy"})


def main() -> None:
    """Measure and print."""
    reader = parser(__doc__)
    reader.add_argument("--install", action="store_true", help="install the peers first")
    asked = reader.parse_args()
    if asked.install:
        install()
    # Behind everything else: nothing of theirs may take the place of what is measured.
    sys.path.append(str(FOLDER))
    rounds, calls = (3, 50) if asked.quick else (15, 200)
    found, missing = handles()
    ours = [
        Contender(OURS, isolated(), calls),
        Contender("plain Python", lambda: floor.handle(STROKE), calls),
    ]
    timed = alternate([*ours, *(contender(peer, handle, calls) for peer, handle in found.items())], rounds)
    report = Report("Beside other languages")
    columns = ("language", "p50", "p99", "against rhai", "what keeps it apart")
    report.table(
        "Microseconds a call; 50 points checked, an action answered.", columns, list(rows(timed, found))
    )
    report.notes.extend(f"skipped: {peer.name} (not installed; --install does)" for peer in missing)
    report.targets.extend(
        Target(f"rhai against {peer.name}", timed[OURS].over(timed[peer.name]), peer.limit) for peer in found
    )
    report.show(as_json=asked.json)


def install() -> None:
    """Put the peers into a folder of their own, away from this environment."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--upgrade",
        "--target",
        str(FOLDER),
        "-r",
        str(WANTED),
    ]
    subprocess.run(command, check=True, stdout=sys.stderr)


def isolated() -> Callable[[], object]:
    """Prepare our own call."""
    script = rhai.Engine().compile(source("pencil.rhai"), name="pencil.rhai")
    assert script.call("handle", STROKE) == floor.handle(STROKE), "rhai answers something else than Python"
    return lambda: script.call("handle", STROKE)


def contender(peer: Peer, handle: Handle, calls: int) -> Contender:
    """Check a peer's answer and let it take part."""
    assert handle(STROKE) == floor.handle(STROKE), f"{peer.name} answers something else than Python"
    return Contender(peer.name, lambda: handle(STROKE), calls // 10 if peer.package in SLOW else calls)


def rows(timed: dict[str, Timing], peers: Iterable[Peer]) -> Iterator[tuple[str | float, ...]]:
    """Make the table, the fastest first."""
    kept = {peer.name: peer.isolation for peer in peers} | {
        OURS: "WebAssembly, all limits on",
        "plain Python": "nothing",
    }
    for name, timing in sorted(timed.items(), key=lambda item: item[1].p50):
        yield name, timing.p50, timing.p99, timing.over(timed[OURS]), kept[name]


if __name__ == "__main__":
    main()
