"""Two ways to have a guest in an image's state: put it back, or go there again from the beginning.

Both answer the same questions, so an image does not know which one it has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wasmlane.guest import Guest, State
from wasmlane.memory import Memory
from wasmlane.outcome import Trapped

if TYPE_CHECKING:
    from wasmlane.guest import Host
    from wasmlane.program import Program
    from wasmlane.settings import Limits

_OVERHEAD = 200


@dataclass(slots=True)
class Tape:
    """What a host answered during one call, in order; `host` is asked while there is one."""

    host: Host | None
    answers: list[bytes] = field(default_factory=list)

    def record(self, module: str, name: str, data: bytes) -> bytes:
        """Ask the host and keep what it says."""
        assert self.host is not None, "a guest without a host is stopped before"
        said = self.host(module, name, data)
        if isinstance(said, (bytes, bytearray, memoryview)):
            self.answers.append(bytes(said))
        return said


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the way to a state."""

    export: str
    data: bytes
    limits: Limits
    answers: tuple[bytes, ...]

    def again(self, guest: Guest) -> Trapped | None:
        """Make the call once more; the host is not asked again."""
        answers = iter(self.answers)
        ended = guest.call(self.export, self.data, self.limits, lambda *_: next(answers), None)
        return ended if isinstance(ended, Trapped) else None


@dataclass(frozen=True, slots=True)
class Setup:
    """How a guest begins."""

    exports: tuple[str, ...]
    reserve: int
    limits: Limits

    def guest(self, program: Program) -> Guest | Trapped:
        """Make a guest and set it up."""
        guest = program.fresh(self.limits)
        if isinstance(guest, Trapped):
            return guest
        trapped = self._run(guest)
        if trapped is None:
            guest.remember()
            return guest
        guest.drop()
        return trapped

    def _run(self, guest: Guest) -> Trapped | None:
        for export in self.exports:
            if trapped := guest.set_up(export, self.limits):
                return trapped
        return guest.reserve(self.reserve, self.limits) if self.reserve else None


@dataclass(frozen=True, slots=True)
class Restored:
    """Waiting guests whose memory and globals are put back."""

    state: State
    setup: Setup

    @classmethod
    def at(cls, guest: Guest, setup: Setup) -> Restored:
        """Keep a guest's state."""
        return cls(State(Memory.whole(guest.content()), guest.instance.saved(), guest.room), setup)

    @property
    def memory(self) -> int:
        """Bytes of the guest's memory."""
        return self.state.memory.size

    @property
    def size(self) -> int:
        """Bytes held for this alone."""
        return self.state.memory.held + _OVERHEAD

    def guest(self, program: Program) -> Guest | Trapped:
        """Give a guest in this state."""
        guest = program.take(self.state.memory.size, self.setup.limits)
        if not isinstance(guest, Trapped):
            guest.put(self.state)
        return guest

    def done(self, program: Program, guest: Guest, *, whole: bool) -> None:
        """Take a guest back after its call."""
        if whole and guest.instance.size == self.state.memory.size:
            program.keep(guest)
        else:
            guest.drop()

    def advanced(self, guest: Guest, _step: Step) -> Restored:
        """Keep the state that a call has led to."""
        state = State(self.state.memory.changed(guest.content()), guest.instance.saved(), guest.room)
        return Restored(state, self.setup)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A new guest for each call, which repeats every step since the beginning."""

    setup: Setup
    memory: int
    steps: tuple[Step, ...] = ()

    @property
    def size(self) -> int:
        """Bytes held for this alone."""
        step = self.steps[-1:]
        return sum(len(each.data) + sum(map(len, each.answers)) for each in step) + _OVERHEAD

    def guest(self, program: Program) -> Guest | Trapped:
        """Give a guest in this state."""
        guest = self.setup.guest(program)
        if isinstance(guest, Trapped):
            return guest
        for step in self.steps:
            if trapped := step.again(guest):
                guest.drop()
                return trapped
        return guest

    def done(self, _program: Program, guest: Guest, *, whole: bool) -> None:
        """Let a guest go after its call."""
        del whole
        guest.drop()

    def advanced(self, guest: Guest, step: Step) -> Replayed:
        """Keep the way to the state that a call has led to."""
        return Replayed(self.setup, guest.instance.size, (*self.steps, step))


Source = Restored | Replayed
