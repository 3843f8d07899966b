"""Event streams through real gunicorn: they hold no thread, cross workers, resume, and end (U07, K03)."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from neira.web.server.hub import StreamLimits
from tests.web.server.serve import Served, served
from tests.web.server.wire import ask, connect, get, hear, is_closed, more, post, say, wait_until

MANY = 200


def open_stream(server: Served, query: str = "", *headers: str) -> socket.socket:
    """Open a stream and read its head."""
    client = say(server.port, get(f"/stream?{query}", *headers))
    heard = hear(client)
    assert heard.status == 200
    assert heard.headers["content-type"].startswith("text/event-stream")
    read_until(client, b"retry: 1000\n\n")
    return client


def read_until(client: socket.socket, text: bytes) -> bytes:
    """Read a stream until it has said something, and no further: what follows is for the next reading."""
    data = b""
    while text not in data:
        ahead = client.recv(65536, socket.MSG_PEEK)
        found = (data + ahead).find(text)
        data += more(client, len(ahead) if found < 0 else found + len(text) - len(data))
    return data


def publish(server: Served, text: str) -> None:
    """Let some worker write a line."""
    assert ask(server.port, post("/publish", text.encode())).status == 200


def threads(server: Served) -> dict[int, int]:
    """Count the threads of each worker, by the kernel's word."""
    return {pid: len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in server.workers()}


def test_many_streams_hold_no_thread(server: Served) -> None:
    """Two hundred readers on two workers: no thread more, all get each line, descriptors return."""
    warm(server)
    one_each = threads(server)
    descriptors = {pid: server.descriptors(pid) for pid in server.workers()}
    readers = [open_stream(server) for _ in range(MANY)]
    taken = {pid: server.descriptors(pid) - descriptors[pid] for pid in server.workers()}
    assert all(count > MANY // 10 for count in taken.values()), "both workers serve streams"
    publish(server, "for all")
    for reader in readers:
        assert b"data: for all\n" in read_until(reader, b"data: for all\n\n")
    assert threads(server) == one_each
    for reader in readers:
        reader.close()
    wait_until(lambda: all(server.descriptors(pid) <= descriptors[pid] + 2 for pid in descriptors))


def warm(server: Served) -> None:
    """Bring every thread of both workers to life, so that a count of them means something."""
    wait_until(lambda: all(count >= 4 + 2 for count in burst(server).values()))


def burst(server: Served) -> dict[int, int]:
    """Let requests and streams arrive at once, then count threads."""
    clients = [say(server.port, get("/stream" if number % 4 == 0 else "/large?9")) for number in range(40)]
    for client in clients:
        hear(client)
        client.close()
    return threads(server)


def test_a_stream_has_the_headers_of_the_view_and_its_own(server: Served) -> None:
    """What the application set stays; what frames the answer is the stream's."""
    with say(server.port, get("/stream")) as client:
        headers = hear(client).headers
    assert headers["x-mine"] == "kept"
    assert headers["cache-control"] == "no-store"
    assert headers["connection"] == "close"
    assert "content-length" not in headers


def test_a_stream_resumes_on_any_worker(server: Served) -> None:
    """The number of the last frame is enough, wherever the connection lands."""
    with open_stream(server) as reader:
        publish(server, "first")
        seen = read_until(reader, b"data: first\n\n").decode()
    number = [line for line in seen.splitlines() if line.startswith("id: ")][-1].removeprefix("id: ")
    publish(server, "second")
    publish(server, "third")
    for _ in range(8):
        with open_stream(server, "", f"Last-Event-ID: {number}") as again:
            resumed = read_until(again, b"data: third\n\n")
            assert b"data: second\n\n" in resumed
            assert b"data: first\n\n" not in resumed


def test_a_reader_gets_only_what_is_meant_for_it(server: Served) -> None:
    """The audience decides frame by frame."""
    with open_stream(server, "mine") as reader:
        publish(server, "yours 1")
        publish(server, "mine 1")
        assert b"yours" not in read_until(reader, b"data: mine 1\n\n")


def test_a_quiet_stream_beats(server: Served) -> None:
    """A reader knows that the server lives."""
    with open_stream(server, "nothing-begins-so") as reader:
        assert b": beat\n\n" in read_until(reader, b": beat\n\n")


@pytest.mark.parametrize("number", ["-1", "9" * 20, "x"])
def test_a_bad_last_event_id_is_refused(server: Served, number: str) -> None:
    """No stream begins at a place that is none."""
    heard = ask(server.port, get("/stream", f"Last-Event-ID: {number}"))
    assert (heard.status, heard.json["code"]) == (400, "bad_last_event_id")


def test_a_reader_that_never_reads_is_dropped(server: Served) -> None:
    """Its buffer is bounded; the one beside it gets every line."""
    before = _settled_descriptors(server)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.settimeout(8)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall(get("/stream?big"))
        with open_stream(server, "big") as reader:
            for number in range(60):
                publish(server, f"big {number} " + "x" * 100_000)
            read_until(reader, b"data: big 59 ")
        wait_until(lambda: _descriptors(server) <= before)


def _settled_descriptors(server: Served) -> int:
    """Let every worker open what its first stream needs, then count."""
    with ExitStack() as streams:
        for _ in range(16):
            streams.enter_context(open_stream(server))
    time.sleep(0.5)  # the streams that have just ended are noticed at the next poll
    return _descriptors(server)


def _descriptors(server: Served) -> int:
    return sum(server.descriptors(pid) for pid in server.workers())


def test_a_reader_that_talks_too_much_is_dropped(server: Served) -> None:
    """A stream is read; what its client says is thrown away, up to a bound."""
    with open_stream(server) as reader:
        reader.sendall(b"\r\n")
        publish(server, "still here")
        read_until(reader, b"data: still here\n\n")
        reader.sendall(b"x" * 8192)
        assert is_closed(reader)


def test_one_stream_too_many_is_refused(tmp_path: Path) -> None:
    """The last one in gets a 503 with a time to come back; those inside stay."""
    with served(tmp_path, limits=StreamLimits(streams=1), NEIRA_SERVER_WORKERS=1) as server:
        with open_stream(server) as reader:
            heard = ask(server.port, get("/stream"))
            assert (heard.status, heard.json["code"]) == (503, "streams_full")
            assert heard.headers["retry-after"]
            publish(server, "inside")
            read_until(reader, b"data: inside\n\n")
        wait_until(lambda: ask(server.port, get("/stream", "Last-Event-ID: x")).status == 400)
        wait_until(lambda: stream_opens(server))


def stream_opens(server: Served) -> bool:
    """Tell whether a stream begins."""
    with say(server.port, get("/stream")) as client:
        return hear(client).status == 200


def test_sigterm_ends_the_streams_and_the_server(tmp_path: Path) -> None:
    """Readers see the end of their streams, half a request is dropped, the server exits in time."""
    with served(tmp_path) as server:
        readers = [open_stream(server) for _ in range(20)]
        halves = [say(server.port, b"GET / HT") for _ in range(5)]
        kept = connect(server.port)
        kept.sendall(get("/"))
        assert hear(kept).status == 200
        server.process.send_signal(signal.SIGTERM)
        assert all(is_closed(reader) for reader in readers)
        assert server.process.wait(10) == 0
        assert "Traceback" not in server.log
        for client in (*readers, *halves, kept):
            client.close()


def test_a_server_without_descriptors_refuses_and_recovers(tmp_path: Path) -> None:
    """With few descriptors and 200 connections no worker dies, none spins, and all is well after (K05)."""
    with served(tmp_path, NEIRA_SERVER_WORKERS=1) as server:
        (worker,) = server.workers()
        subprocess.run(["prlimit", f"--pid={worker}", "--nofile=40:40"], check=True)
        clients = [connect(server.port) for _ in range(200)]
        spent = server.cpu_ticks(worker)
        wait_until(lambda: any_refused(clients))
        assert server.cpu_ticks(worker) - spent < 100
        for client in clients:
            client.close()
        wait_until(lambda: ask(server.port, get("/")).status == 200)
        assert server.workers() == [worker]
        assert "Traceback" not in server.log


def any_refused(clients: list[socket.socket]) -> bool:
    """Tell whether some connection was refused in words."""
    for client in clients:
        client.settimeout(0.01)
        try:
            if client.recv(4096, socket.MSG_PEEK).startswith(b"HTTP/1.1 503"):
                return True
        except OSError:
            continue
    return False
