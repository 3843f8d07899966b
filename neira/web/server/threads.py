"""The request threads of a worker: a queue and so many threads, and nothing else.

The standard executor makes a future with its locks for each request, and nobody here waits for one.
"""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.web.server.connection import Connection


class RequestThreads:
    """Threads that serve one connection at a time each."""

    def __init__(self, count: int, serve: Callable[[Connection], None]) -> None:
        self._queue: SimpleQueue[Connection | None] = SimpleQueue()
        self._serve = serve
        # Daemons: a worker that fails to start must end, though nobody has told them to.
        self._threads = [
            threading.Thread(target=self._work, name=f"request-{n}", daemon=True) for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def give(self, conn: Connection) -> None:
        """Have a connection served as soon as a thread is free."""
        self._queue.put(conn)

    def shutdown(self, *, wait: bool = True) -> None:
        """Let the threads end when they are done with what they have been given."""
        for _ in self._threads:
            self._queue.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        while (conn := self._queue.get()) is not None:
            self._serve(conn)
