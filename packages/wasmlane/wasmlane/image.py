"""An image: a module at one moment of its life. Every call starts there and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeVar

from wasmlane.arguments import given, numbers_for
from wasmlane.guest import Guest
from wasmlane.live import Live
from wasmlane.outcome import Trapped, refused
from wasmlane.sources import Step, Tape

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmlane.code import Code
    from wasmlane.guest import Host
    from wasmlane.outcome import Answer, Numbers
    from wasmlane.program import Program
    from wasmlane.settings import Limits
    from wasmlane.sources import Source

    T = TypeVar("T")


class Image:
    """A module's state that any number of threads may call at once, and the children of a fork too."""

    __slots__ = ("__weakref__", "_code", "_limits", "_source")

    def __init__(self, code: Code, source: Source, limits: Limits) -> None:
        self._code = code
        self._source = source
        self._limits = limits

    @property
    def restorable(self) -> bool:
        """Tell whether calls put memory back, instead of beginning with a new instance."""
        return self._code.inspected.restorable

    @property
    def why_not(self) -> str:
        """Say why the image is not restorable."""
        return self._code.inspected.why_not

    @property
    def size(self) -> int:
        """Bytes held for this image alone."""
        return self._source.size

    @property
    def memory(self) -> int:
        """Bytes of memory that the guest starts with."""
        return self._source.memory

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
        program = self._code.program or self._code.ready()
        limits = limits or self._limits
        data = given(data)
        if stop := program.refusal(export, program.calls, limits, self._source.memory):
            return refused(stop)
        return self._run(program, lambda guest: guest.call(export, data, limits, host, autopsy))

    def advance(
        self,
        export: str,
        data: bytes,
        *,
        limits: Limits | None = None,
        host: Host | None = None,
        autopsy: str | None = None,
    ) -> tuple[Answer, Image] | Trapped:
        """Do as `call`, and make an image of what the call left behind."""
        program = self._code.program or self._code.ready()
        limits = limits or self._limits
        data = given(data)
        if stop := program.refusal(export, program.calls, limits, self._source.memory):
            return refused(stop)
        tape = Tape(host)

        def work(guest: Guest) -> tuple[Answer, Image] | Trapped:
            ended = guest.call(export, data, limits, tape.record if host else None, autopsy)
            if isinstance(ended, Trapped):
                return ended
            step = Step(export, data, limits, tuple(tape.answers))
            return ended, Image(self._code, self._source.advanced(guest, step), self._limits)

        return self._run(program, work)

    def invoke(
        self, export: str, *numbers: float, limits: Limits | None = None, host: Host | None = None
    ) -> Numbers | Trapped:
        """Call an export that takes and gives numbers; they must be of its types and fit."""
        program = self._code.program or self._code.ready()
        limits = limits or self._limits
        if stop := program.refusal(export, program.numeric, limits, self._source.memory):
            return refused(stop)
        fitting = numbers_for(export, program.types[export].params, numbers)
        return self._run(program, lambda guest: guest.invoke(export, fitting, limits, host))

    def open(self, *, host: Host | None = None) -> Live:
        """Make a guest that keeps its state from call to call; a call may bring another host."""
        return Live(self._code, self._source, self._limits, host)

    def _run(self, program: Program, work: Callable[[Guest], T | Trapped]) -> T | Trapped:
        source = self._source
        guest: Guest | Trapped | None = None
        try:
            guest = source.guest(program)
            if isinstance(guest, Trapped):
                return guest
            ended = work(guest)
            source.done(program, guest, whole=not isinstance(ended, Trapped))
        except BaseException:
            if isinstance(guest, Guest):
                guest.drop()
            raise
        return ended

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: compiled code stays in its process and the children that it forks."""
        raise TypeError("an image cannot be pickled: load its module where it is needed")

    def __repr__(self) -> str:
        """Say what it takes."""
        return f"<Image: memory of {self.memory:,} bytes, {self.size:,} held>"
