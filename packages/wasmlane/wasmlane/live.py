"""A guest that lives on: what one call leaves behind, the next one finds."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from wasmlane.arguments import given
from wasmlane.errors import Busy, Closed
from wasmlane.outcome import Kind, Stop, Trapped, refused

if TYPE_CHECKING:
    from types import TracebackType

    from wasmlane.code import Code
    from wasmlane.guest import Guest, Host
    from wasmlane.outcome import Answer
    from wasmlane.settings import Limits
    from wasmlane.sources import Source

_ENDED = Stop(Kind.ENDED, "the guest has ended: reset it, or open another")


class Live:
    """One guest, used by one thread at a time; a call that is stopped ends it, until `reset`."""

    def __init__(self, code: Code, source: Source, limits: Limits, host: Host | None) -> None:
        self._code = code
        self._source = source
        self._limits = limits
        self._host = host
        self._turn = threading.Lock()
        self._closed = False
        self._guest: Guest | None = None
        self._program = code.program or code.ready()
        self._begun: Trapped | None = None
        """Why the guest could not begin."""
        self._begin()

    def call(
        self,
        export: str,
        data: bytes,
        *,
        limits: Limits | None = None,
        host: Host | None = None,
        autopsy: str | None = None,
    ) -> Answer | Trapped:
        """Hand bytes to an export and take the bytes that it answers."""
        if not self._turn.acquire(False):
            raise Busy
        try:
            return self._call(export, given(data), limits or self._limits, host or self._host, autopsy)
        finally:
            self._turn.release()

    def _call(
        self, export: str, data: bytes, limits: Limits, host: Host | None, autopsy: str | None
    ) -> Answer | Trapped:
        program, guest = self._program, self._guest
        if self._closed:
            raise Closed("live guest")
        if guest is None or program.closed:
            return self._begun or refused(_ENDED)
        if stop := program.refusal(export, program.calls, limits, guest.instance.size):
            return refused(stop)
        ended: Answer | Trapped | None = None
        try:
            ended = guest.call(export, data, limits, host, autopsy)
        finally:
            if ended is None or isinstance(ended, Trapped):
                self._end()
        return ended

    def reset(self) -> None:
        """Begin again from the image."""
        if not self._turn.acquire(False):
            raise Busy
        try:
            if self._closed:
                raise Closed("live guest")
            self._end()
            self._begin()
        finally:
            self._turn.release()

    def _begin(self) -> None:
        program = self._program = self._code.program or self._code.ready()
        guest = self._source.guest(program)
        self._guest, self._begun = (None, guest) if isinstance(guest, Trapped) else (guest, None)

    def _end(self) -> None:
        guest, self._guest, self._begun = self._guest, None, None
        if guest is not None:
            guest.drop()

    def close(self) -> None:
        """Let the guest go; closing twice does no harm."""
        if not self._turn.acquire(False):
            raise Busy
        try:
            self._closed = True
            self._end()
        finally:
            self._turn.release()

    def __del__(self) -> None:
        """Let go the guest that nobody closed."""
        if hasattr(self, "_begun"):
            self._end()

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()
