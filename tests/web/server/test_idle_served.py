"""Connections between two requests: kept for a while, given up in time, closed when the worker stops."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from tests.web.server.serve import served
from tests.web.server.wire import connect, get, hear, is_closed, post

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.server.serve import Served


def test_a_connection_serves_many_requests(server: Served) -> None:
    """Also with pauses in which nobody says anything."""
    with connect(server.port) as client:
        for number in range(20):
            client.sendall(post("/echo", b"x" * number))
            assert hear(client).json["length"] == number
            time.sleep(0.02 if number % 5 else 0.0)


def test_requests_that_come_at_once_are_answered_in_order(server: Served) -> None:
    """What was read past the first of them is not lost."""
    with connect(server.port) as client:
        client.sendall(b"".join(post("/echo", b"x" * number) for number in range(30)))
        assert [hear(client).json["length"] for _ in range(30)] == list(range(30))


def test_a_silent_connection_is_closed_in_time(tmp_path: Path) -> None:
    """After `keepalive` seconds; one that speaks meanwhile stays."""
    with (
        served(tmp_path, "--keep-alive", "1", NEIRA_SERVER_WORKERS=1) as server,
        connect(server.port) as silent,
        connect(server.port) as lively,
    ):
        silent.sendall(get("/healthz"))
        assert hear(silent).status == 200
        for _ in range(8):
            lively.sendall(get("/healthz"))
            assert hear(lively).status == 200
            time.sleep(0.25)
        silent.settimeout(0.5)
        assert is_closed(silent)


def test_more_kept_connections_than_there_is_room_for(tmp_path: Path) -> None:
    """The next ones are told that they are not kept, and everybody is served."""
    few = ("--worker-connections", "12")
    with served(tmp_path, *few, NEIRA_SERVER_WORKERS=1, NEIRA_SERVER_THREADS=4) as server:
        clients, kept = [connect(server.port) for _ in range(11)], []
        for client in clients:
            client.sendall(get("/healthz"))
            kept.append(hear(client).headers["connection"])
        assert kept[0] == "keep-alive"
        assert kept[-1] == "close"
        for client in clients:
            client.close()


def test_a_worker_that_stops_lets_idle_connections_go(tmp_path: Path) -> None:
    """Soon, though they might be kept for longer."""
    with served(tmp_path, "--keep-alive", "60") as server, connect(server.port) as client:
        client.sendall(get("/healthz"))
        assert hear(client).status == 200
        server.process.send_signal(signal.SIGTERM)
        assert is_closed(client)
        assert server.process.wait(10) == 0
