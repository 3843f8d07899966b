"""Clients that speak in bytes, so that they may be as rude as they like."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 8.0  # a client that waits longer than this has been wronged; gthread let some wait for a minute


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


def connect(port: int) -> socket.socket:
    """Open a connection."""
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def say(port: int, *pieces: bytes) -> socket.socket:
    """Open a connection and send what a server may stop listening to."""
    client = connect(port)
    try:
        for piece in pieces:
            client.sendall(piece)
    except OSError:
        pass  # refused in mid-sentence; the answer is there to read
    return client


def hear(client: socket.socket) -> Heard:
    """Read one answer to its last byte and not beyond: another may follow."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += more(client, 1)
    first, *lines = head.removesuffix(b"\r\n\r\n").decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = b""
    while missing := int(headers.get("content-length", 0)) - len(body):
        body += more(client, missing)
    return Heard(int(first.split()[1]), headers, body)


def more(client: socket.socket, most: int = 65536) -> bytes:
    """Read some bytes; the end of the connection is a failure."""
    data = client.recv(most)
    if not data:
        raise EOFError("the server has closed the connection")
    return data


def is_closed(client: socket.socket) -> bool:
    """Tell whether the server ends the connection, after all it still had to say."""
    try:
        while client.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def ask(port: int, raw: bytes) -> Heard:
    """Send one request and read its answer."""
    with say(port, raw) as client:
        return hear(client)


def get(path: str, *headers: str, version: str = "1.1") -> bytes:
    """Write a GET."""
    return "\r\n".join([f"GET {path} HTTP/{version}", "Host: neira", *headers, "", ""]).encode("latin-1")


def post(path: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Write a POST, with a length that may be a lie."""
    declared = len(body) if length is None else length
    lines = [f"POST {path} HTTP/1.1", "Host: neira", f"Content-Length: {declared}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def chunked(path: str, body: bytes, *headers: str) -> bytes:
    """Write a POST whose chunks are given as they go over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: neira", "Transfer-Encoding: chunked", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came true")
