"""The plain road: an instance driven through the wasmtime package's public classes."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import wasmtime

from wasmlane.roads.numbers import MOST_TABLES, engine_type
from wasmlane.roads.traps import STOPPED, by_code, by_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wasmlane.outcome import Stop
    from wasmlane.roads.protocol import Answerer, Plan
    from wasmlane.settings import Limits

_WORD, _LONG = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF
_SIGN = 1 << 63
_FRAMES = 40


class WrappedRoad:
    """Makes instances of one module."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.left_behind = False

    def instance(self, answer: Answerer) -> WrappedInstance:
        """Make one that is not started."""
        return WrappedInstance(self, answer)

    def leave_behind(self) -> None:
        """Touch nothing any more: a forked child has no part in its parent's engine."""
        self.left_behind = True


class WrappedInstance:
    """A store with one instance."""

    def __init__(self, road: WrappedRoad, answer: Answerer) -> None:
        self.base = self.size = 0
        self.failure: BaseException | None = None
        self._answer = answer
        self._road = road
        self._plan = road.plan
        self._store = wasmtime.Store(road.plan.engine)
        self._exports: Any = {}
        self._memory: wasmtime.Memory | None = None
        self._halted: int | None = None
        """The fuel that was left when the host stopped the guest."""

    def start(self) -> Stop | None:
        """Instantiate; the module's start function runs with what was armed."""
        functions = [
            wasmtime.Func(self._store, engine_type(offer.type), self._callback(number, offer.type.params))
            for number, offer in enumerate(self._plan.offers)
        ]
        made: wasmtime.Instance | Stop
        made = self._run(lambda: wasmtime.Instance(self._store, self._plan.module, functions))
        if not isinstance(made, wasmtime.Instance):
            return made
        self._exports = made.exports(self._store)
        self._memory = self._exports[self._plan.memory] if self._plan.memory is not None else None
        self.look()
        return None

    def _callback(self, number: int, params: Sequence[str]) -> Callable[..., int]:
        masks = [_WORD if each == "i32" else _LONG for each in params]

        def enter(*arguments: int) -> int:
            # What is raised here would be kept for whichever thread looks first: so the guest is stopped
            # by taking its fuel and time, and what it still does before that is not looked at.
            if self._halted is not None:
                return 0
            try:
                words = [word & mask for word, mask in zip(arguments, masks, strict=True)]
                answer = self._answer(number, words)
                if answer is not None:
                    return answer - 2 * _SIGN if answer >= _SIGN else answer
            except BaseException as failure:  # noqa: BLE001 — the frames below are not Python's
                self.failure = failure
            self._halt()
            return 0

        return enter

    def _halt(self) -> None:
        if self._halted is None:
            self._halted = self.fuel_left()
        if self._plan.settings.fuel:
            self._store.set_fuel(0)
        if self._plan.settings.epochs:
            self._store.set_epoch_deadline(0)

    def arm(self, limits: Limits, ticks: int) -> None:
        """Set what may be used from now on, and after how many ticks of the engine to stop."""
        self._halted = None
        settings = self._plan.settings
        if settings.fuel:
            self._store.set_fuel(limits.fuel)
        if settings.epochs:
            self._store.set_epoch_deadline(ticks)
        self._store.set_limits(limits.memory, limits.table_elements, 1, MOST_TABLES, 1)

    def enter(self, export: str, first: int, second: int) -> int | Stop:
        """Call an export with up to two words and give 64 bits of what it answers."""
        function = self._exports[export]
        count = len(self._plan.functions[export].params)
        answer = self._run(lambda: function(self._store, *(_signed(first), _signed(second))[:count]))
        return answer & _LONG if isinstance(answer, int) else 0 if answer is None else answer

    def invoke(self, export: str, numbers: Sequence[int | float]) -> tuple[int | float, ...] | Stop:
        """Call an export with numbers that fit its type."""
        answer = self._run(lambda: self._exports[export](self._store, *numbers))
        if isinstance(answer, (int, float)):
            return (answer,)
        return () if answer is None else tuple(answer) if isinstance(answer, list) else answer

    def _run(self, entry: Callable[[], Any]) -> Any:
        _frames_to_spare(_FRAMES)
        try:
            answer = entry()
        except wasmtime.Trap as trap:
            answer = by_code(trap.trap_code.value) if trap.trap_code is not None else STOPPED
        except wasmtime.WasmtimeError as error:
            answer = by_words(str(error))
        return answer if self._halted is None else STOPPED

    def look(self) -> None:
        """Find the memory again: each entry may have grown it."""
        if self._memory is not None:
            place = ctypes.cast(self._memory.data_ptr(self._store), ctypes.c_void_p)
            self.base = place.value or 0
            self.size = self._memory.data_len(self._store)

    def grow(self, pages: int) -> bool:
        """Grow the memory."""
        if self._memory is None:
            return False
        try:
            self._memory.grow(self._store, pages)
        except wasmtime.WasmtimeError:
            return False
        self.look()
        return True

    def fuel_left(self) -> int:
        """Tell what is left of the fuel."""
        if self._halted is not None:
            return self._halted
        return self._store.get_fuel() if self._plan.settings.fuel else 0

    def saved(self) -> tuple[object, ...]:
        """Read the mutable globals."""
        return tuple(self._exports[each.export].value(self._store) for each in self._plan.globals)

    def put(self, saved: Sequence[object]) -> None:
        """Write the mutable globals."""
        for each, value in zip(self._plan.globals, saved, strict=True):
            self._exports[each.export].set_value(self._store, value)

    def drop(self) -> None:
        """Free everything; nothing may be called afterwards."""
        self._exports, self._memory = {}, None
        if not self._road.left_behind:
            self._store.close()


def _signed(word: int) -> int:
    return word - _WORD - 1 if word > _WORD >> 1 else word


def _frames_to_spare(count: int) -> None:
    """Meet Python's recursion limit here, where it can be raised, and not in a callback, where it cannot."""
    if count:
        _frames_to_spare(count - 1)
