"""Connections between two requests: a request thread puts one in, and need not wake the loop for it.

An epoll of its own watches them, each for one event. The loop alone takes them out, by event or by time.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.web.server.connection import Connection

IS_OFFERED = hasattr(select, "epoll")  # by Linux; elsewhere gunicorn's own loop watches them


class Idle:
    """The kept connections of one worker."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._watch = select.EPOLLIN | select.EPOLLONESHOT
        self._waiting: dict[int, Connection] = {}  # by descriptor, oldest first

    def __len__(self) -> int:
        return len(self._waiting)

    def fileno(self) -> int:
        """Name the epoll, for the loop to wait on."""
        return self._epoll.fileno()

    def put(self, conn: Connection) -> None:
        """Wait for the next request of a connection; any thread may call this."""
        number = conn.sock.fileno()
        watch = self._epoll.modify if conn.is_watched else self._epoll.register
        conn.is_watched = True
        self._waiting[number] = conn  # before it is watched: from then on it belongs to the loop
        try:
            watch(number, self._watch)
        except BaseException:
            self._waiting.pop(number, None)
            raise

    def ready(self) -> Iterator[Connection]:
        """Take out those who say something."""
        for number, _ in self._epoll.poll(0):
            conn = self._waiting.pop(number, None)
            if conn is not None:
                yield conn

    def overdue(self, now: float, last_call: float) -> Iterator[Connection]:
        """Take out those who have been silent for too long; after the last call nobody may stay."""
        for number, conn in list(self._waiting.items()):
            if min(conn.timeout, last_call) <= now:
                del self._waiting[number]
                yield conn

    def close(self) -> None:
        """Stop watching."""
        self._epoll.close()
