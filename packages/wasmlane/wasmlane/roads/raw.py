"""The fast road: an instance driven through the C functions, with every buffer made once."""

from __future__ import annotations

import ctypes
import struct
from typing import TYPE_CHECKING, Any

from wasmlane.guarded import frame_to_spare
from wasmlane.roads.callbacks import CELL, callback
from wasmlane.roads.foreign import Callback, Foreign, address, words
from wasmlane.roads.numbers import MOST_TABLES, engine_type
from wasmlane.roads.traps import STOPPED, by_code, by_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wasmlane.outcome import Stop
    from wasmlane.roads.protocol import Answerer, Plan
    from wasmlane.settings import Limits

EXTERN_SIZE, EXTERN_UNION = 32, 8
INSTANCE_SIZE = 16
VALUE_SIZE = 32
_FUNC, _MEMORY = 0, 3
_PAIR = struct.Struct("<Q8xQ8x")
_CELLS = {"i32": "i12x", "i64": "q8x", "f32": "f12x", "f64": "d8x"}
_REFUSED = b"the host stopped the guest"


class RawRoad:
    """Makes instances of one module."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.library = Foreign()
        self.engine = address(plan.engine.ptr())
        self.module = address(plan.module.ptr())
        self.instances: dict[int, RawInstance] = {}
        self.types = [engine_type(offer.type) for offer in plan.offers]
        self.imports = [
            (address(type_.ptr()), Callback(callback(self.instances, number, offer.type.params)))
            for number, (type_, offer) in enumerate(zip(self.types, plan.offers, strict=True))
        ]
        functions = plan.functions.items()
        self.packings = {name: _cells(type_.params) for name, type_ in functions}
        self.unpackings = {name: _cells(type_.results) for name, type_ in functions}
        self.left_behind = False

    def instance(self, answer: Answerer) -> RawInstance:
        """Make one that is not started."""
        return RawInstance(self, answer)

    def leave_behind(self) -> None:
        """Touch nothing any more: a forked child has no part in its parent's engine."""
        self.left_behind = True


class RawInstance:
    """A store with one instance."""

    def __init__(self, road: RawRoad, answer: Answerer) -> None:
        self.base = self.size = 0
        self.failure: BaseException | None = None
        self.answer: Answerer = answer
        self.spare = self.second_spare = 0
        """Traps for host calls that must stop the guest, made before: nothing may be called then."""
        self._road = road
        self._library = library = road.library
        settings = road.plan.settings
        self._fueled, self._timed = settings.fuel, settings.epochs
        self._store = library.wasmtime_store_new(road.engine, None, None)
        self._context = library.wasmtime_store_context(self._store)
        self._cells = (ctypes.c_ubyte * _room(road.packings, road.unpackings))()
        self._cells_at = ctypes.addressof(self._cells)
        self._result = ctypes.c_uint64.from_buffer(self._cells)
        self._trap = ctypes.c_void_p()
        self._trap_at = ctypes.addressof(self._trap)
        self._fuel = ctypes.c_uint64()
        self._fuel_at = ctypes.addressof(self._fuel)
        self._armed: Limits | None = None
        self._instance = ctypes.create_string_buffer(INSTANCE_SIZE)
        self._here = ctypes.addressof(self._instance)
        self._externs: list[object] = []
        self._functions: dict[str, int] = {}
        self._globals: list[int] = []
        self._memory = 0

    def start(self) -> Stop | None:
        """Instantiate; the module's start function runs with what was armed."""
        library, road = self._library, self._road
        count = len(road.imports)
        imports = ctypes.create_string_buffer(EXTERN_SIZE * max(1, count))
        at = ctypes.addressof(imports)
        if count:
            road.instances[id(self)] = self
            self._stock()
        for number, (type_, called) in enumerate(road.imports):
            slot = at + EXTERN_SIZE * number
            ctypes.c_uint8.from_address(slot).value = _FUNC
            library.wasmtime_func_new_unchecked(
                self._context, type_, called, id(self), None, slot + EXTERN_UNION
            )
        frame_to_spare()
        failed = library.wasmtime_instance_new(
            self._context, road.module, at, count, self._here, self._trap_at
        )
        if failed or self._trap.value:
            return self._stopped(failed)
        self._globals = [self._extern(each.export) for each in road.plan.globals]
        if road.plan.memory is not None:
            self._memory = self._extern(road.plan.memory)
            self.look()
        return None

    def _stock(self) -> None:
        make = self._library.wasmtime_trap_new
        if self.spare == 0:
            self.spare = make(_REFUSED, len(_REFUSED))
        if self.second_spare == 0:
            self.second_spare = make(_REFUSED, len(_REFUSED))

    def _extern(self, name: str) -> int:
        raw = name.encode()
        extern = ctypes.create_string_buffer(EXTERN_SIZE)
        at = ctypes.addressof(extern)
        found = self._library.wasmtime_instance_export_get(self._context, self._here, raw, len(raw), at)
        assert found, "only what the module was seen to export is looked up"
        self._externs.append(extern)
        return at + EXTERN_UNION

    def arm(self, limits: Limits, ticks: int) -> None:
        """Set what may be used from now on, and after how many ticks of the engine to stop."""
        library = self._library
        if limits is not self._armed:
            library.wasmtime_store_limiter(
                self._store, limits.memory, limits.table_elements, 1, MOST_TABLES, 1
            )
            self._armed = limits
        if self._fueled:
            library.wasmtime_context_set_fuel(self._context, limits.fuel)
        if self._timed:
            library.wasmtime_context_set_epoch_deadline(self._context, ticks)

    def enter(self, export: str, first: int, second: int) -> int | Stop:
        """Call an export with up to two words and give 64 bits of what it answers."""
        function = self._functions.get(export) or self._function(export)
        _PAIR.pack_into(self._cells, 0, first, second)
        frame_to_spare()
        failed = self._library.wasmtime_func_call_unchecked(
            self._context, function, self._cells_at, 2, self._trap_at
        )
        if failed or self._trap.value:
            return self._stopped(failed)
        return self._result.value

    def invoke(self, export: str, numbers: Sequence[int | float]) -> tuple[int | float, ...] | Stop:
        """Call an export with numbers that fit its type."""
        function = self._functions.get(export) or self._function(export)
        self._road.packings[export].pack_into(self._cells, 0, *numbers)
        frame_to_spare()
        failed = self._library.wasmtime_func_call_unchecked(
            self._context, function, self._cells_at, len(self._cells) // CELL, self._trap_at
        )
        if failed or self._trap.value:
            return self._stopped(failed)
        return self._road.unpackings[export].unpack_from(self._cells)

    def _function(self, name: str) -> int:
        at = self._functions[name] = self._extern(name)
        return at

    def _stopped(self, failed: int | None) -> Stop:
        library = self._library
        if failed:
            said = words(library, library.wasmtime_error_message, failed)
            library.wasmtime_error_delete(failed)
            return by_words(said)
        trap = self._trap.value
        self._trap.value = None
        code = ctypes.c_uint8()
        coded = library.wasmtime_trap_code(trap, ctypes.addressof(code))
        library.wasm_trap_delete(trap)
        if self._road.imports:
            self._stock()
        return by_code(code.value) if coded else STOPPED

    def look(self) -> None:
        """Find the memory again: each entry may have grown it."""
        if self._memory:
            size = self._library.wasmtime_memory_data_size(self._context, self._memory)
            if size != self.size:  # only growing moves a memory
                self.size = size
                self.base = self._library.wasmtime_memory_data(self._context, self._memory)

    def grow(self, pages: int) -> bool:
        """Grow the memory."""
        before = ctypes.c_uint64()
        failed = self._library.wasmtime_memory_grow(
            self._context, self._memory, pages, ctypes.addressof(before)
        )
        if failed:
            self._library.wasmtime_error_delete(failed)
        self.look()
        return not failed

    def fuel_left(self) -> int:
        """Tell what is left of the fuel."""
        if self._fueled:
            self._library.wasmtime_context_get_fuel(self._context, self._fuel_at)
        return self._fuel.value

    def saved(self) -> tuple[ctypes.Array[ctypes.c_char], ...]:
        """Read the mutable globals."""
        return tuple(self._value(each) for each in self._globals)

    def _value(self, at: int) -> ctypes.Array[ctypes.c_char]:
        value = ctypes.create_string_buffer(VALUE_SIZE)
        self._library.wasmtime_global_get(self._context, at, ctypes.addressof(value))
        return value

    def put(self, saved: Sequence[Any]) -> None:
        """Write the mutable globals."""
        for at, value in zip(self._globals, saved, strict=True):
            self._library.wasmtime_global_set(self._context, at, ctypes.addressof(value))

    def drop(self) -> None:
        """Free everything; nothing may be called afterwards."""
        store, self._store = self._store, 0
        if not store or self._road.left_behind:
            return
        self.answer = _nobody
        self._road.instances.pop(id(self), None)
        self._library.wasmtime_store_delete(store)
        for trap in (self.spare, self.second_spare, self._trap.value):
            if trap:
                self._library.wasm_trap_delete(trap)

    def __del__(self) -> None:
        """Free what nobody dropped."""
        if hasattr(self, "_trap"):
            self.drop()


def _cells(types: Sequence[str]) -> struct.Struct:
    known = [_CELLS[each] for each in types if each in _CELLS]
    return struct.Struct("<" + "".join(known))


def _room(*packings: Mapping[str, struct.Struct]) -> int:
    return max((2 * CELL, *(each.size for packing in packings for each in packing.values())))


def _nobody(_number: int, _arguments: Sequence[int]) -> None:
    return None
