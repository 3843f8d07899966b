"""What the event door costs beside Flask alone: durable `POST /ui/events` against the same JSON there.

    python -m benchmarks.events [--rounds 5] [--seconds 3] [--clients 32] [--script] [--stages]

Both run under the same gunicorn settings (2 workers x 16 threads) and are asked in turns, so that the
machine's other work falls on both. `--stages` prints instead where the microseconds of one event go, in one
thread.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.door import stages
from benchmarks.door.client import Load
from benchmarks.door.scene import SAVING, scene
from benchmarks.door.servers import BARE, NEIRA, ROOT, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.door.scene import Scene

FLASK = "bare Flask"


def main() -> None:
    """Measure and print."""
    asked = arguments()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        scenes = {"dry run": scene(Path(folder) / "dry", runs=False)}
        if asked.script:
            scenes["empty script"] = scene(Path(folder) / "empty")
            scenes["saving script"] = scene(Path(folder) / "saving", source=SAVING)
        (dissect if asked.stages else compare)(asked, scenes)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--script", action="store_true", help="let scripts run as well: two more lines")
    parser.add_argument("--folder", type=Path, help="where the scratch homes lie: the disk that is measured")
    parser.add_argument("--stages", action="store_true", help="say where the microseconds go instead")
    return parser.parse_args()


def dissect(_asked: argparse.Namespace, scenes: dict[str, Scene]) -> None:
    """Print where the microseconds of one event go, with nobody else on the machine's mind."""
    for name, each in scenes.items():
        with serving(each.home, NEIRA, name) as port:
            each.prepare(port)
    for line in stages.table({name: stages.measured(each) for name, each in scenes.items()}):
        print(line)


def compare(asked: argparse.Namespace, scenes: dict[str, Scene]) -> None:
    """Start all servers, ask them in turns, print each round and the ratios of the medians."""
    loads: dict[str, list[Load]] = {FLASK: [], **{name: [] for name in scenes}}
    with ExitStack() as opened:
        doors: dict[str, tuple[int, bytes]] = {}
        for name, each in scenes.items():
            port = opened.enter_context(serving(each.home, NEIRA, name))
            print(f"{name}: events are answered with mode {each.prepare(port)}")
            doors[name] = port, each.request()
        bare = opened.enter_context(serving(scenes["dry run"].home, BARE, "bare"))
        doors = {FLASK: (bare, scenes["dry run"].request()), **doors}
        for door in doors.values():
            driven(door, 1.0, asked.clients)
        print(f"{'':16}{'answers/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'clients took':>14}")
        for _ in range(asked.rounds):
            for name, door in doors.items():
                loads[name].append(driven(door, asked.seconds, asked.clients))
                print(row(name, loads[name][-1]), flush=True)
    for line in ratios(loads):
        print(line)


def driven(door: tuple[int, bytes], seconds: float, clients: int) -> Load:
    """Let the clients ask one server for a while, from a process of their own."""
    port, request = door
    command = [sys.executable, "-m", "benchmarks.door.client", str(port), str(seconds), str(clients)]
    done = subprocess.run(command, cwd=ROOT, input=request, stdout=subprocess.PIPE, check=True)
    load = Load(**json.loads(done.stdout))
    if set(load.statuses) != {"200"}:
        sys.exit(f"not every answer was a 200: {load.statuses}")
    return load


def row(name: str, load: Load) -> str:
    """Write one round of one server."""
    share = f"{load.own_share:.0%}"
    return f"{name:16}{load.rate:10.0f}{load.p50_ms:9.1f}{load.p99_ms:9.1f}{share:>14}"


def ratios(loads: dict[str, list[Load]]) -> Iterator[str]:
    """Compare each server with bare Flask, round by round."""
    for name, found in loads.items():
        if name != FLASK:
            each = [ours.rate / theirs.rate for ours, theirs in zip(found, loads[FLASK], strict=True)]
            yield (
                f"{name}: {statistics.median(each):.2f} of {FLASK} "
                f"({min(each):.2f} to {max(each):.2f} over {len(each)} rounds)"
            )


if __name__ == "__main__":
    main()
