"""A connection's socket: it waits as long as it was told to, and the kernel never blocks for it."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from neira.web.server.connection import PatientSocket

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pair() -> Iterator[tuple[PatientSocket, socket.socket]]:
    """Give both ends of a connection, the first of them patient."""
    one, other = socket.socketpair()
    with PatientSocket(one) as patient, other:
        yield patient, other


def test_without_patience_a_read_does_not_wait(pair: tuple[PatientSocket, socket.socket]) -> None:
    """As the loop wants it."""
    patient, other = pair
    patient.setblocking(False)
    with pytest.raises(BlockingIOError):
        patient.recv(10)
    other.sendall(b"x")
    assert patient.recv(10) == b"x"


@pytest.mark.parametrize("seconds", [None, 5.0])
def test_with_patience_it_waits_for_what_comes(
    pair: tuple[PatientSocket, socket.socket], seconds: float | None
) -> None:
    """As a request thread wants it."""
    patient, other = pair
    patient.settimeout(seconds)
    sender = threading.Timer(0.05, other.sendall, [b"late"])
    sender.start()
    assert patient.recv(10) == b"late"
    assert patient.gettimeout() == seconds
    sender.join()


def test_patience_ends(pair: tuple[PatientSocket, socket.socket]) -> None:
    """Not as an orderly end."""
    patient, _ = pair
    patient.settimeout(0.05)
    with pytest.raises(TimeoutError):
        patient.recv(10)


def test_past_the_deadline_nothing_is_read(pair: tuple[PatientSocket, socket.socket]) -> None:
    """Though something is there, and whatever patience was asked for."""
    patient, other = pair
    other.sendall(b"x")
    patient.setblocking(True)
    patient.deadline = time.monotonic() - 1
    with pytest.raises(TimeoutError):
        patient.recv(10)
    patient.deadline = time.monotonic() + 0.05
    assert patient.recv(10) == b"x"
    with pytest.raises(TimeoutError):
        patient.recv(10)


def test_an_end_is_an_end(pair: tuple[PatientSocket, socket.socket]) -> None:
    """Nothing is waited for any more."""
    patient, other = pair
    patient.setblocking(True)
    other.close()
    assert patient.recv(10) == b""


def test_what_does_not_fit_at_once_is_sent_as_the_client_reads(
    pair: tuple[PatientSocket, socket.socket],
) -> None:
    """Every byte, in order."""
    patient, other = pair
    data = bytes(range(256)) * 20_000
    heard: list[bytes] = []

    def read() -> None:
        while piece := other.recv(100_000):
            heard.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    patient.sendall(data)
    patient.shutdown(socket.SHUT_WR)
    reader.join()
    assert b"".join(heard) == data


def test_a_client_that_has_left_is_an_error(pair: tuple[PatientSocket, socket.socket]) -> None:
    """As for any socket."""
    patient, other = pair
    other.close()
    with pytest.raises(BrokenPipeError):
        patient.sendall(b"x")
