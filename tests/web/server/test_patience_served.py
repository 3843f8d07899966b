"""Clients that never close, never finish or never read: nobody else waits for them (U09)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.server.serve import served
from tests.web.server.wire import ask, connect, get, hear, is_closed, post, say, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.server.serve import Served

RUDE = 50

HOLDERS = {
    "HTTP/1.0": get("/healthz", version="1.0"),
    "Connection: close": get("/healthz", "Connection: close"),
    "a bad request line": b"NONSENSE\r\n\r\n",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: n",
    "half a body": post("/echo", b"half", length=100),
    "nothing at all": b"",
    "half a second request": get("/healthz") + b"GET /hea",
}


@pytest.mark.parametrize("held", HOLDERS.values(), ids=HOLDERS)
def test_clients_that_hold_on_hold_nobody_up(server: Served, held: bytes) -> None:
    """Fifty hold their connections; a bystander's forty requests are all answered meanwhile."""
    rude = [say(server.port, held) for _ in range(RUDE)]
    for _ in range(20):
        assert ask(server.port, post("/echo", b"quick")).json["length"] == 5
    with connect(server.port) as kept:
        for _ in range(20):
            kept.sendall(get("/healthz"))
            assert hear(kept).status == 200
    for client in rude:
        assert is_closed(client)
        client.close()


def test_clients_that_do_not_read_leave_threads_for_others(server: Served) -> None:
    """An answer that fits into the kernel's buffers is written off; the thread goes on."""
    rude = [say(server.port, get("/large?100000")) for _ in range(RUDE)]
    assert ask(server.port, get("/healthz")).status == 200
    for client in rude:
        client.close()


def test_descriptors_return(server: Served) -> None:
    """After all the rudeness, each worker has what it had."""
    before = descriptors(server)
    rude = [say(server.port, held) for held in HOLDERS.values() for _ in range(10)]
    for client in rude:
        client.close()
    wait_until(lambda: descriptors(server) <= before)


def descriptors(server: Served) -> int:
    """Count the descriptors of all workers."""
    return sum(server.descriptors(pid) for pid in server.workers())


def test_more_halves_than_connections_are_waited_out(tmp_path: Path) -> None:
    """When halves fill the worker they are given a second, not the whole time; a bystander gets through."""
    crowded = ("--worker-connections", "12")
    with served(
        tmp_path, *crowded, NEIRA_SERVER_WORKERS=1, NEIRA_SERVER_THREADS=4, NEIRA_SERVER_BODY_SECONDS=60
    ) as server:
        rude = [say(server.port, b"GET / HT") for _ in range(30)]
        assert ask(server.port, get("/healthz")).status == 200
        assert "Traceback" not in server.log
        for client in rude:
            client.close()


def test_more_farewells_than_are_kept(server: Served) -> None:
    """Hundreds are answered and never close: the oldest are let go early, and all have had their answer."""
    rude = [say(server.port, get("/large?2", "Connection: close")) for _ in range(700)]
    for client in rude:
        assert hear(client).body == b"xx"
        client.close()
