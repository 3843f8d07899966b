"""Keep a keeper alive: start it anew when it dies, and end it when the server that asked for it is gone.

The supervisor has one thread and opens nothing, so that it can fork at any time: a successor needs no new
interpreter, and the two share most of their memory.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from neira.errors import NeiraError
from neira.keeper import parent as parents
from neira.keeper.keeper import STOPPING

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.ports import Clock

FIRST_PAUSE = 0.2  # seconds before a successor starts; twice as long after each further early death
LONGEST_PAUSE = 5.0
LONG_LIFE = 2.0  # seconds; who lived longer did not die of its start
GRACE = 1.5  # seconds for the keeper to end by itself
_LOOK = 1.0  # seconds between two looks at the parent

_HEARD = STOPPING | {signal.SIGCHLD}


class Supervisor:
    """The parent of one keeper at a time."""

    def __init__(self, keep: Callable[[], None], parent: int, clock: Clock) -> None:
        self._keep = keep
        self._parent = parent
        self._clock = clock

    def run(self) -> None:
        """Have a keeper until a signal says stop or the parent is gone."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        parents.end_with(self._parent)
        gc.collect()
        gc.freeze()  # what all keepers share is never written to by a collection
        pause = FIRST_PAUSE
        while True:
            began = self._clock.monotonic()
            child = self._fork()
            if not self._has_died(child):
                self._end(child)
                return
            lived = self._clock.monotonic() - began
            pause = FIRST_PAUSE if lived >= LONG_LIFE else min(LONGEST_PAUSE, pause * 2)
            if self._must_end(pause):
                return

    def _fork(self) -> int:
        mine = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            self._be_keeper(mine)
        return child

    def _be_keeper(self, supervisor: int) -> NoReturn:
        """Live as the keeper; whatever happens, this copy of the supervisor's program ends here."""
        code = 1
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            parents.end_with(supervisor)
            self._keep()
            code = 0
        except NeiraError as error:
            sys.stderr.write(f"neira keeper: {error.sentence} [{error.code}]\n")
        except BaseException:  # noqa: BLE001 - nothing may go on in a copy of the caller
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _has_died(self, child: int) -> bool:
        """Wait until the keeper has died; False: it is to be ended instead."""
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if self._must_end(_LOOK):
                return False
        return True

    def _must_end(self, seconds: float) -> bool:
        """Sleep, but not through a signal; tell whether it is time to end."""
        heard = signal.sigtimedwait(_HEARD, seconds)
        if heard is not None and heard.si_signo in STOPPING:
            return True
        return parents.is_orphan_of(self._parent)

    def _end(self, child: int) -> None:
        os.kill(child, signal.SIGTERM)
        until = self._clock.monotonic() + GRACE
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            left = until - self._clock.monotonic()
            if left <= 0:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return
            signal.sigtimedwait({signal.SIGCHLD}, left)
