"""Which road to take: the raw one only where it was checked, and after it has shown that it fits."""

from __future__ import annotations

import ctypes
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import wasmtime

from wasmlane.binary import FuncType, Global
from wasmlane.errors import Unsupported
from wasmlane.roads import callbacks, raw
from wasmlane.roads.protocol import Plan
from wasmlane.roads.wrapped import WrappedRoad
from wasmlane.settings import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmlane.roads.protocol import Road
    from wasmlane.settings import Settings

OLDEST = 48
CHECKED = range(48, 51)
"""The versions of wasmtime with which the tests passed on the raw road."""

_NEVER = 2**62  # ticks
_PROBE = """
(module
  (memory (export "memory") 1)
  (global $g (mut i64) (i64.const 7))
  (export "g" (global $g))
  (func (export "add") (param i32 i32) (result i64)
    (global.set $g (i64.extend_i32_u (i32.add (local.get 0) (local.get 1))))
    (i32.store (i32.const 8) (local.get 0))
    (global.get $g))
  (func (export "end") (param i32 i32) (result i64) (unreachable)))
"""


def installed() -> tuple[str, int]:
    """Tell wasmtime's version, which is at least the oldest that gets fixes."""
    try:
        text = version("wasmtime")
        major = int(text.partition(".")[0])
    except (PackageNotFoundError, ValueError):
        raise Unsupported(f"the version of wasmtime cannot be told: wasmtime>={OLDEST} is needed") from None
    if major < OLDEST:
        raise Unsupported(f"wasmtime {text} is installed: older than {OLDEST} gets no fixes and is not used")
    return text, major


def road_for(settings: Settings, engine: wasmtime.Engine) -> Callable[[Plan], Road]:
    """Choose the road of a lane."""
    _, major = installed()
    if settings.road == "wrapped" or (settings.road == "auto" and (major not in CHECKED or not sizes_fit())):
        return WrappedRoad
    if works(settings, engine):
        return raw.RawRoad
    if settings.road == "raw":
        raise Unsupported("the raw road does not fit the installed wasmtime")
    return WrappedRoad


def sizes_fit() -> bool:
    """Compare the sizes that the raw road relies on with those that the wasmtime package declares."""
    from wasmtime import _ffi as declared  # noqa: PLC0415 — private: wanted by the raw road alone

    try:
        extern = declared.wasmtime_extern_t
        return (
            ctypes.sizeof(extern) == raw.EXTERN_SIZE
            and extern.of.offset == raw.EXTERN_UNION
            and ctypes.sizeof(declared.wasmtime_instance) == raw.INSTANCE_SIZE
            and ctypes.sizeof(declared.wasmtime_val_t) == raw.VALUE_SIZE
            and ctypes.sizeof(declared.wasmtime_val_raw_t) == callbacks.CELL
        )
    except AttributeError:
        return False


def works(settings: Settings, engine: wasmtime.Engine) -> bool:
    """Run a tiny module on the raw road and see whether everything comes back as it must."""
    pair = FuncType(("i32", "i32"), ("i64",))
    module = wasmtime.Module(engine, _PROBE)
    functions = {"add": pair, "end": pair}
    instance = raw.RawRoad(
        Plan(settings, engine, module, (), functions, (Global("g", "i64"),), "memory")
    ).instance(lambda _number, _arguments: None)
    try:
        instance.arm(Limits(), _NEVER)
        if instance.start() is not None:
            return False
        before = instance.saved()
        added = instance.enter("add", 40, 2)
        instance.put(before)
        kept = int.from_bytes(instance.saved()[0].raw[8:16], "little")
        written = ctypes.string_at(instance.base + 8, 1)
        end = instance.enter("end", 0, 0)
        return (added, kept, written, instance.size) == (42, 7, b"(", 65536) and getattr(
            end, "kind", ""
        ) == "unreachable"
    finally:
        instance.drop()
