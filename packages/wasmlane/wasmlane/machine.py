"""The engine of one lane in one process, and its clock. A forked child makes its own."""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import wasmtime

from wasmlane.clock import Clock
from wasmlane.errors import ModuleRefused
from wasmlane.roads import road_for
from wasmlane.roads.choice import installed

if TYPE_CHECKING:
    from wasmlane.settings import Settings

_CPU = Path("/proc/cpuinfo")
# A forked child has lost the threads that its parent compiled with, and would wait for them for ever.
_FIRST_PROCESS = os.getpid()
_LONGEST = 600
_ON = ("reference_types", "bulk_memory", "multi_value", "simd", "relaxed_simd")
_OFF = (
    "threads",
    "memory64",
    "multi_memory",
    "exceptions",
    "gc",
    "tail_call",
    "function_references",
    "component_model",
    "custom_page_sizes",
    "wide_arithmetic",
    "stack_switching",
)


class Machine:
    """One engine."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = wasmtime.Engine(_config(settings))
        self.clock = Clock(self.engine.increment_epoch, settings.tick_ms)
        self.road = road_for(settings, self.engine)

    def compiled(self, wasm: bytes) -> bytes:
        """Compile a module to native code."""
        try:
            return bytes(wasmtime.Module(self.engine, wasm).serialize())
        except wasmtime.WasmtimeError as error:
            raise ModuleRefused(one_line(str(error))) from None

    def loaded(self, native: bytes) -> wasmtime.Module:
        """Load native code that this machine's own engine made."""
        return wasmtime.Module.deserialize(self.engine, native)

    def __del__(self) -> None:
        """Let the clock's thread end."""
        if hasattr(self, "clock"):
            self.clock.close()


def _config(settings: Settings) -> wasmtime.Config:
    config = wasmtime.Config()
    config.consume_fuel = settings.fuel
    config.epoch_interruption = settings.epochs
    config.max_wasm_stack = settings.wasm_stack
    config.cranelift_nan_canonicalization = settings.nan_canonical
    config.wasm_relaxed_simd_deterministic = True
    config.parallel_compilation = os.getpid() == _FIRST_PROCESS
    for feature in _ON:
        setattr(config, f"wasm_{feature}", True)
    for feature in _OFF:
        setattr(config, f"wasm_{feature}", False)
    return config


def key_for(wasm: bytes, settings: Settings) -> str:
    """Name all that native code depends on."""
    kept = (settings.fuel, settings.epochs, settings.wasm_stack, settings.nan_canonical)
    digest = hashlib.sha256(wasm).hexdigest()
    return f"{digest} wasmtime {installed()[0]} {platform.system()} {platform.machine()} {_cpu()} {kept}"


def _cpu() -> str:
    """Tell processors with different features apart."""
    try:
        lines = _CPU.read_text().splitlines()
    except OSError:
        lines = [platform.processor()]
    features = {line for line in lines if line.lower().startswith(("flags", "features"))} or set(lines[:20])
    return hashlib.sha256("\n".join(sorted(features)).encode()).hexdigest()[:16]


def one_line(words: str) -> str:
    """Make one printable line of what the engine says."""
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())[:_LONGEST]
