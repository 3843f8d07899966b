"""What both roads tell the engine in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import wasmtime

if TYPE_CHECKING:
    from wasmlane.binary import FuncType

MOST_TABLES = 64


def engine_type(type_: FuncType) -> wasmtime.FuncType:
    """Write a host function's type for the engine; it belongs to the first engine that sees it."""
    known = {"i32": wasmtime.ValType.i32, "i64": wasmtime.ValType.i64}
    return wasmtime.FuncType(
        [known[name]() for name in type_.params], [known[name]() for name in type_.results]
    )
