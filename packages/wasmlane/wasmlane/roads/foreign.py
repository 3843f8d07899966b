"""The C functions of the library that the wasmtime wheel ships, called without that wheel's wrappers.

Addresses travel as plain integers, which makes a call cost a third of a microsecond. What may take long lets
other Python threads run meanwhile; what returns at once does not, which is cheaper.
"""

from __future__ import annotations

import ctypes
from typing import Any

from wasmtime import _ffi

_AT = ctypes.c_void_p
_SIZE = ctypes.c_size_t
_U64 = ctypes.c_uint64
_I64 = ctypes.c_int64

Callback = ctypes.CFUNCTYPE(ctypes.c_size_t, _AT, _AT, _AT, _SIZE)
"""A host function: (environment, caller, cells of arguments and results, how many) to a trap or 0."""

_LONG: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "wasmtime_store_delete": (None, (_AT,)),
    "wasmtime_func_call_unchecked": (_AT, (_AT, _AT, _AT, _SIZE, _AT)),
    "wasmtime_instance_new": (_AT, (_AT, _AT, _AT, _SIZE, _AT, _AT)),
    "wasmtime_memory_grow": (_AT, (_AT, _AT, _U64, _AT)),
}
_SHORT: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "wasmtime_store_new": (_AT, (_AT, _AT, _AT)),
    "wasmtime_store_context": (_AT, (_AT,)),
    "wasmtime_store_limiter": (None, (_AT, _I64, _I64, _I64, _I64, _I64)),
    "wasmtime_context_set_fuel": (_AT, (_AT, _U64)),
    "wasmtime_context_get_fuel": (_AT, (_AT, _AT)),
    "wasmtime_context_set_epoch_deadline": (None, (_AT, _U64)),
    "wasmtime_func_new_unchecked": (None, (_AT, _AT, Callback, _AT, _AT, _AT)),
    "wasmtime_instance_export_get": (ctypes.c_bool, (_AT, _AT, ctypes.c_char_p, _SIZE, _AT)),
    "wasmtime_memory_data": (_AT, (_AT, _AT)),
    "wasmtime_memory_data_size": (_SIZE, (_AT, _AT)),
    "wasmtime_global_get": (None, (_AT, _AT, _AT)),
    "wasmtime_global_set": (_AT, (_AT, _AT, _AT)),
    "wasmtime_trap_code": (ctypes.c_bool, (_AT, _AT)),
    "wasmtime_trap_new": (_AT, (ctypes.c_char_p, _SIZE)),
    "wasm_trap_message": (None, (_AT, _AT)),
    "wasm_trap_delete": (None, (_AT,)),
    "wasmtime_error_message": (None, (_AT, _AT)),
    "wasmtime_error_delete": (None, (_AT,)),
    "wasm_byte_vec_delete": (None, (_AT,)),
}


class Foreign:
    """The declared functions, under their own names."""

    def __init__(self) -> None:
        path = str(_ffi.filename)
        for library, names in ((ctypes.CDLL(path), _LONG), (ctypes.PyDLL(path), _SHORT)):
            for name, (result, arguments) in names.items():
                function = getattr(library, name)
                function.restype = result
                function.argtypes = arguments
                setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        """Name what was not declared above; also tells the type checker that the rest is there."""
        raise AttributeError(name)


class _Words(ctypes.Structure):
    _fields_ = (("size", _SIZE), ("data", _AT))


def words(library: Foreign, read: Any, thing: int) -> str:
    """Read the message of an error or a trap."""
    held = _Words()
    at = ctypes.addressof(held)
    read(thing, at)
    raw = ctypes.string_at(held.data, held.size) if held.data else b""
    library.wasm_byte_vec_delete(at)
    return raw.rstrip(b"\0").decode(errors="replace")


def address(pointer: Any) -> int:
    """Give the address that one of the wheel's own objects holds."""
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0
