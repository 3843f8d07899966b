"""A module in this process: compiled code, and the guests that wait for their next call."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from wasmlane.errors import ModuleRefused
from wasmlane.guest import Guest
from wasmlane.imports import typed
from wasmlane.outcome import Kind, Stop, Trapped, refused
from wasmlane.roads import Plan

if TYPE_CHECKING:
    from collections.abc import Container

    import wasmtime

    from wasmlane.binary import FuncType
    from wasmlane.code import Code
    from wasmlane.machine import Machine
    from wasmlane.settings import Limits
    from wasmlane.stack import Here

PAGE = 65536
_NUMBERS = frozenset({"i32", "i64", "f32", "f64"})
_BRIDGED = (("i32", "i32"), ("i64",))
_AUTOPSY = ((), ("i64",))
_SETUP = ((), ())
_ALLOC = (("i32",), ("i32",))


class Program:
    """One module, loaded into one process's engine."""

    def __init__(self, code: Code, machine: Machine, module: wasmtime.Module, here: Here) -> None:
        self.code = code
        self.settings = machine.settings
        self.machine = machine  # calls that still run when the lane is closed need its clock
        self.clock = machine.clock
        self.here = here
        self.types: dict[str, FuncType] = {
            each.name: each.type for each in code.inspected.exports if each.type is not None
        }
        self.calls = self._typed(_BRIDGED)
        self.autopsies = self._typed(_AUTOPSY)
        self.setups = self._typed(_SETUP)
        self.allocates = "alloc" in self._typed(_ALLOC)
        self.numeric = frozenset(
            name for name, each in self.types.items() if _NUMBERS.issuperset(each.params + each.results)
        )
        self.closed = False
        self._idle: list[Guest] = []
        self._kept = 2 * (os.cpu_count() or 1) + 2
        callable_ = {name: self.types[name] for name in self.numeric}
        inspected = code.inspected
        self.road = machine.road(
            Plan(
                machine.settings,
                machine.engine,
                module,
                code.offers,
                callable_,
                tuple(each for each in inspected.globals if each.type in _NUMBERS),
                inspected.memory_export,
            )
        )

    def _typed(self, wanted: tuple[tuple[str, ...], tuple[str, ...]]) -> frozenset[str]:
        return frozenset(name for name, each in self.types.items() if (each.params, each.results) == wanted)

    def check(self, setup: tuple[str, ...], reserve: int) -> None:
        """Refuse a set-up that this module cannot do."""
        for name in setup:
            if name not in self.setups:
                raise ModuleRefused(f'the module exports no function "{name}" of type () -> () to set it up')
        if reserve and not self.allocates:
            raise ModuleRefused(
                'the module exports no function "alloc" of type (i32) -> i32 to reserve a place with'
            )

    def refusal(self, export: str, fitting: Container[str], limits: Limits, memory: int) -> Stop | None:
        """Say why a call cannot begin, if it cannot."""
        if export not in fitting:
            return self._unfit(export)
        if memory > limits.memory:
            return Stop(
                Kind.MEMORY, f"the guest begins with {memory:,} bytes, the limit is {limits.memory:,}"
            )
        here = self.here
        if here.depth or here.narrow or not limits.nesting:
            return here.refusal(limits.nesting, self.settings.wasm_stack)
        return None

    def _unfit(self, export: str) -> Stop:
        type_ = self.types.get(export)
        if type_ is None:
            return Stop(Kind.NO_EXPORT, f"the module exports no function {export!r:.80}")
        return Stop(
            Kind.NO_EXPORT,
            f"the function {export!r:.80} is of type {typed(type_)}: it is not called this way",
        )

    def fresh(self, limits: Limits) -> Guest | Trapped:
        """Make a guest and start it."""
        guest = Guest(self, limits)
        trapped = guest.start(limits)
        if trapped is None:
            return guest
        guest.drop()
        return trapped

    def take(self, size: int, limits: Limits) -> Guest | Trapped:
        """Take a waiting guest with a memory of this size, or make one."""
        idle = self._idle
        others = []
        found = None
        while found is None and idle:
            try:
                guest = idle.pop()
            except IndexError:  # another thread was quicker
                break
            if guest.instance.size == size:
                found = guest
            else:
                others.append(guest)
        if others:
            self._put_aside(others, crowded=found is None)
        return found or self._made(size, limits)

    def _put_aside(self, others: list[Guest], *, crowded: bool) -> None:
        if crowded and len(others) >= self._kept:
            others.pop().drop()  # the one that waited longest makes room
        self._idle.extend(reversed(others))

    def _made(self, size: int, limits: Limits) -> Guest | Trapped:
        guest = self.fresh(limits)
        if isinstance(guest, Trapped):
            return guest
        guest.instance.arm(replace(limits, memory=max(limits.memory, size)), 0)
        missing = size - guest.instance.size
        if missing == 0 or (missing > 0 and guest.instance.grow(missing // PAGE)):
            return guest
        guest.drop()
        words = f"a guest with a memory of {size:,} bytes cannot be made"
        return refused(Stop(Kind.MEMORY, words))

    def keep(self, guest: Guest) -> None:
        """Let a guest wait for its next call, if not too many wait already."""
        if len(self._idle) < self._kept and not self.closed:
            self._idle.append(guest)
        else:
            guest.drop()

    def close(self) -> None:
        """Let the waiting guests go, and those that work when they are done."""
        self.closed = True
        while self._idle:
            self._idle.pop().drop()

    def leave_behind(self) -> None:
        """Touch nothing any more: this is a forked child, and the engine is its parent's."""
        self.closed = True
        self.road.leave_behind()
