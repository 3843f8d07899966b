"""The keeper's door: connections on its socket, each in a small thread, never more than a few at once."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from neira.errors import NeiraError
from neira.errors.web import InternalFault
from neira.keeper import socket_path
from neira.keeper.frames import Ended, Line

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.home import Home
    from neira.keeper.needs import Log
    from neira.model import Json, JsonObject
    from neira.ports import Clock

PLACES = 8  # connections at once; further ones wait outside
SECONDS = 5.0  # for one message to come or go


class Door:
    """A socket that answers requests until it is closed."""

    def __init__(self, home: Home, answer: Callable[[Json], JsonObject], clock: Clock, log: Log) -> None:
        self._home = home
        self._answer = answer
        self._clock = clock
        self._log = log
        self._places = threading.BoundedSemaphore(PLACES)
        self._listener = socket_path.listener(home)
        self._thread = threading.Thread(target=self._welcome, name="keeper-door", daemon=True)
        self._is_open = True

    def open(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._is_open = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a caller
        self._listener.close()
        socket_path.unlink(self._home)

    def _welcome(self) -> None:
        while self._is_open:
            self._places.acquire()
            try:
                caller, _ = self._listener.accept()
            except OSError as error:
                self._places.release()
                if self._is_open:  # no descriptors left: somebody will give one back
                    self._log.warning("no caller taken", error=str(error))
                    self._clock.sleep(1.0)
                continue
            threading.Thread(target=self._talk, args=[caller], name="keeper-caller", daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        line = Line(caller, self._clock, seconds=SECONDS)
        try:
            with caller, suppress(Ended, OSError):  # whoever leaves or falls silent is let go
                while self._is_open:
                    self._serve(line)
        finally:
            self._places.release()

    def _serve(self, line: Line) -> None:
        """Answer one request; after one that was no message the line cannot be understood any more."""
        try:
            asked = line.receive()
        except NeiraError as error:
            line.send(_refusal(error))
            raise Ended from error
        try:
            answer: JsonObject = {"ok": self._answer(asked)}
        except NeiraError as error:
            answer = _refusal(error)
        except Exception as fault:  # noqa: BLE001 - a caller never ends the keeper
            self._log.error("request failed", exc_info=fault)
            answer = _refusal(InternalFault())
        line.send(answer)


def _refusal(error: NeiraError) -> JsonObject:
    return {"err": {"code": error.code, "message": error.sentence}}
