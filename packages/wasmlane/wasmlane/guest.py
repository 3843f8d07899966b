"""One guest: an instance with a host to talk to, called bytes to bytes. One thread at a time."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from traceback import format_exception_only
from typing import TYPE_CHECKING, NamedTuple

from wasmlane.clock import NEVER
from wasmlane.copying import move_short
from wasmlane.outcome import Answer, Cost, Kind, Numbers, Stop, Trapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmlane.memory import Memory
    from wasmlane.program import Program
    from wasmlane.settings import Limits

Host = Callable[[str, str, bytes], bytes]
"""What answers a module's imports: (import module, import name, question) -> answer."""

_LENGTH = 0xFFFFFFFF
_LONGEST = 500
_LONGEST_MS = 1e12
# What the export that is asked after a trap may use.
_AUTOPSY_FUEL, _AUTOPSY_MS, _AUTOPSY_BYTES = 5_000_000, 50, 1024 * 1024
# From these an `alloc` that stops shows no more than that there was no room.
_OUT_OF_ROOM = frozenset({Kind.UNREACHABLE, Kind.BOUNDS, Kind.TABLE, Kind.ARITHMETIC})
_NO_ALLOC = Stop(Kind.ALLOC, 'the module exports no function "alloc" of type (i32) -> i32')


class State(NamedTuple):
    """All that a guest is at one moment."""

    memory: Memory
    globals: tuple[object, ...]
    room: tuple[int, int]
    """Where inputs go that fit: address and length."""


class Guest:
    """An instance, its host, and what its current call may use and has used."""

    def __init__(self, program: Program, limits: Limits) -> None:
        self.program = program
        self.timed = program.settings.epochs
        self.clock = program.clock
        self.number = next(self.clock.numbers)
        self.limits = limits
        self.host: Host | None = None
        self.host_calls = 0
        self.making_room = False
        self.began = 0.0
        self.stop: Stop | None = None
        """Why the host stopped the guest."""
        self.room = (0, 0)
        self._offers = program.code.offers
        self._globals: tuple[object, ...] = ()
        self.instance = program.road.instance(self._answer)

    def _answer(self, number: int, arguments: Sequence[int]) -> int | None:
        offer = self._offers[number]
        return offer.answer(self, offer, arguments)

    def start(self, limits: Limits) -> Trapped | None:
        """Instantiate the module under the limits."""
        self._begin(limits, None)
        stop = self.instance.start()
        if stop is not None:
            return self._trapped(stop, None)
        self._rest()
        self.remember()
        return None

    def set_up(self, export: str, limits: Limits) -> Trapped | None:
        """Run one set-up export."""
        self._begin(limits, None)
        packed = self.instance.enter(export, 0, 0)
        if isinstance(packed, Stop):
            return self._trapped(packed, None)
        self._rest()
        self.instance.look()
        return None

    def reserve(self, length: int, limits: Limits) -> Trapped | None:
        """Have the guest give a place for inputs that fit."""
        self._begin(limits, None)
        at = self.room_for(length)
        if isinstance(at, Stop):
            return self._trapped(at, None)
        self._rest()
        self.room = (at, length)
        return None

    def call(
        self, export: str, data: bytes, limits: Limits, host: Host | None, autopsy: str | None
    ) -> Answer | Trapped:
        """Hand bytes to an export and take the bytes that it answers."""
        instance = self.instance
        self._begin(limits, host)
        length = len(data)
        at = self.room[0] if length <= self.room[1] else self.room_for(length)
        if isinstance(at, Stop):
            return self._trapped(at, autopsy)
        move_short(instance.base + at, data, length)
        packed = instance.enter(export, at, length)
        if isinstance(packed, Stop):
            return self._trapped(packed, autopsy)
        instance.look()
        at, length = packed >> 32, packed & _LENGTH
        if at + length > instance.size:
            words = f"the answer of {length} bytes at {at} lies outside of the guest's memory"
            return self._trapped(Stop(Kind.BAD_POINTER, words), autopsy)
        if length > limits.output:
            words = f"the answer of {length:,} bytes is larger than {limits.output:,}"
            return self._trapped(Stop(Kind.OUTPUT, words), autopsy)
        return Answer(ctypes.string_at(instance.base + at, length), self._cost(length))

    def invoke(
        self, export: str, numbers: Sequence[int | float], limits: Limits, host: Host | None
    ) -> Numbers | Trapped:
        """Call an export with numbers."""
        self._begin(limits, host)
        values = self.instance.invoke(export, numbers)
        self.instance.look()
        if isinstance(values, Stop):
            return self._trapped(values, None)
        return Numbers(values, self._cost(0))

    def _begin(self, limits: Limits, host: Host | None) -> None:
        """Arm the instance; on the clock, say when this call is due."""
        self.limits = limits
        self.host = host
        self.host_calls = 0
        self.stop = None
        self.began = began = perf_counter()
        if not self.timed:
            self.instance.arm(limits, 0)
            return
        clock = self.clock
        ends = began + min(limits.timeout_ms, _LONGEST_MS) / 1000
        while True:
            seen = clock.time or clock.wake()
            due = int((ends - seen[0]) * clock.ticks_per_s) + 1
            clock.due[self.number] = due
            self.instance.arm(limits, due - seen[1])
            if clock.time is seen:  # or ticks may have passed since we looked
                break
        if due < clock.until:
            clock.hurry()

    def _rest(self) -> None:
        self.clock.due[self.number] = NEVER

    def room_for(self, length: int) -> int | Stop:
        """Ask the guest's `alloc` for a place; what comes back lies in its memory."""
        if not self.program.allocates:
            return _NO_ALLOC if length else 0
        instance = self.instance
        packed = instance.enter("alloc", length, 0)
        instance.look()
        if isinstance(packed, Stop):
            words = f"no room for {length:,} bytes: {packed.message}"
            return Stop(Kind.ALLOC, words) if packed.kind in _OUT_OF_ROOM else packed
        at = packed & _LENGTH
        if at + length > instance.size or (at == 0 and length):
            return Stop(Kind.ALLOC, f'"alloc" gave {at} as the place for {length:,} bytes')
        return at

    def _cost(self, output: int) -> Cost:
        """End the call and count what it used."""
        instance = self.instance
        self.clock.due[self.number] = NEVER
        fuel = self.limits.fuel - instance.fuel_left() if self.program.settings.fuel else 0
        return Cost(fuel, (perf_counter() - self.began) * 1000, instance.size, self.host_calls, output)

    def _trapped(self, stop: Stop, autopsy: str | None) -> Trapped:
        instance = self.instance
        failure, instance.failure = instance.failure, None
        if failure is not None and not isinstance(failure, Exception):
            raise failure
        if failure is not None:
            words = format_exception_only(failure)[-1].strip()
            stop = Stop(Kind.HOST, f"a host function failed: {words:.{_LONGEST}}")
        elif self.stop is not None:
            stop = self.stop
        instance.look()
        cost = self._cost(0)
        return Trapped(stop.kind, stop.message, cost, self._autopsy(autopsy) if autopsy else None, failure)

    def _autopsy(self, export: str) -> bytes | None:
        """Ask an instance that has ended what it knows of its end."""
        if export not in self.program.autopsies:
            return None
        limits = replace(self.limits, fuel=_AUTOPSY_FUEL, timeout_ms=_AUTOPSY_MS)
        instance = self.instance
        instance.put(self._globals)
        self._begin(limits, None)
        packed = instance.enter(export, 0, 0)
        self._rest()
        instance.look()
        if isinstance(packed, Stop) or self.stop is not None:
            return None
        at, length = packed >> 32, packed & _LENGTH
        fits = length <= _AUTOPSY_BYTES and at + length <= instance.size
        return ctypes.string_at(instance.base + at, length) if fits else None

    def remember(self) -> None:
        """Keep the globals as they are: an autopsy begins with them."""
        self._globals = self.instance.saved()

    def put(self, state: State) -> None:
        """Become what the state says."""
        instance = self.instance
        state.memory.put(instance.base, instance.size)
        instance.put(state.globals)
        self._globals = state.globals
        self.room = state.room

    def content(self) -> bytes:
        """Copy the whole memory."""
        return ctypes.string_at(self.instance.base, self.instance.size) if self.instance.size else b""

    def drop(self) -> None:
        """Free everything; nothing may be called afterwards."""
        self.clock.due.pop(self.number, None)
        self.instance.drop()
