"""What idle event streams cost: POSTs a second and their p99 beside none and beside a thousand streams.

    python -m benchmarks.streams [--streams 1000] [--seconds 5] [--rounds 3]

Both cases run against the same server, in turns, so that the machine's other work falls on both.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from neira.web.server.hub import StreamLimits
from tests.web.server.serve import Served, served
from tests.web.server.wire import connect, get, hear, post

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

CLIENTS = 4


def main() -> None:
    """Measure and print."""
    asked = arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = asked.streams * 2 + 512  # ours and, inherited, the server's
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed if most < 0 else min(needed, most), most))
    with tempfile.TemporaryDirectory() as home, served(Path(home), limits=StreamLimits()) as server:
        posts(server.port, 1.0)
        print(f"{'streams':>8} {'posts/s':>9} {'p50 ms':>8} {'p99 ms':>8}  threads of each worker")
        rates: dict[int, list[float]] = {0: [], asked.streams: []}
        for _ in range(asked.rounds):
            for streams, found in rates.items():
                found.append(measure(server, streams, asked.seconds))
        without, beside = (statistics.median(found) for found in rates.values())
        print(f"rate beside {asked.streams} streams: {beside / without:.3f} of the rate without")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def measure(server: Served, streams: int, seconds: float) -> float:
    """Post beside so many idle streams; print a line and return the rate."""
    with ExitStack() as opened:
        for _ in range(streams):
            open_stream(opened.enter_context(connect(server.port)))
        taken = sorted(posts(server.port, seconds))
        print(
            f"{streams:8d} {len(taken) / seconds:9.0f} {taken[len(taken) // 2] * 1000:8.2f} "
            f"{taken[len(taken) * 99 // 100] * 1000:8.2f}  {thread_counts(server)}",
            flush=True,
        )
    time.sleep(1.0)  # the server notices that the readers have gone
    return len(taken) / seconds


def open_stream(client: socket.socket) -> None:
    """Become an idle reader."""
    client.sendall(get("/stream"))
    hear(client)


def posts(port: int, seconds: float) -> list[float]:
    """Post from a few clients for a while; return what each answer took."""
    found: list[float] = []
    clients = [
        threading.Thread(target=lambda: found.extend(one_client(port, seconds))) for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return found


def one_client(port: int, seconds: float) -> Iterator[float]:
    """Post over one kept connection."""
    request = post("/large?2", b"n" * 300)
    end = time.monotonic() + seconds
    with connect(port) as client:
        while (began := time.monotonic()) < end:
            client.sendall(request)
            while not client.recv(65536).endswith(b"xx"):
                pass
            yield time.monotonic() - began


def thread_counts(server: Served) -> list[int]:
    """Count the threads of each worker."""
    return [len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in server.workers()]


if __name__ == "__main__":
    main()
