"""Clients that post one prepared request again and again, all in one process, each on a kept connection.

`python -m benchmarks.door.client PORT SECONDS CLIENTS < request` prints what was answered, and which share of
a core the clients took themselves: they run on the machine that they measure.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass

_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients saw."""

    rate: float  # answers a second
    p50_ms: float
    p99_ms: float
    own_share: float  # of one core
    statuses: dict[str, int]


class Client:
    """One connection, with one request on its way."""

    __slots__ = ("connection", "heard", "sent")

    def __init__(self, port: int) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.setblocking(False)
        self.heard = b""
        self.sent = 0.0

    def send(self, asked: bytes) -> None:
        """Ask once more; a request is small enough to be taken at once."""
        self.heard, self.sent = b"", time.perf_counter()
        self.connection.send(asked)

    def hear(self) -> str | None:
        """Return the status when the answer has come whole."""
        piece = self.connection.recv(65_536)
        if not piece:
            raise ConnectionError("the server hung up")
        self.heard += piece
        head, end, body = self.heard.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().split(_LENGTH, 1)[1].split(b"\r\n", 1)[0]):
            return None
        return head[9:12].decode()


def drive(port: int, seconds: float, count: int, asked: bytes) -> Load:
    """Keep so many requests on their way for a while."""
    clients = [Client(port) for _ in range(count)]
    times: list[float] = []
    statuses: Counter[str] = Counter()
    with selectors.DefaultSelector() as ready:
        for client in clients:
            ready.register(client.connection, selectors.EVENT_READ, client)
            client.send(asked)
        begun, own = time.perf_counter(), time.process_time()
        end = begun + seconds
        while (now := time.perf_counter()) < end:
            for key, _ in ready.select(1.0):
                client = key.data
                if (status := client.hear()) is not None:
                    statuses[status] += 1
                    times.append(time.perf_counter() - client.sent)
                    client.send(asked)
    for client in clients:
        client.connection.close()
    taken, share = now - begun, time.process_time() - own
    times.sort()
    middle, slow = times[len(times) // 2], times[len(times) * 99 // 100]
    return Load(len(times) / taken, middle * 1e3, slow * 1e3, share / taken, dict(statuses))


if __name__ == "__main__":
    print(
        json.dumps(
            asdict(drive(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.stdin.buffer.read()))
        )
    )
