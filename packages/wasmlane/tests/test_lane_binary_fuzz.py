"""Damaged modules end in a result or a refusal; rewritten, a module runs as it did before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import wasmtime
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wasmlane.binary import inspect
from wasmlane.errors import ModuleRefused

if TYPE_CHECKING:
    from wasmlane.binary import Inspected

SEEDS = (
    """(module (memory (export "memory") 1)
      (global $g (mut i32) (i32.const 5)) (global $h (mut f64) (f64.const 1))
      (func (export "count") (result i32)
        (global.set $g (i32.add (global.get $g) (i32.const 3))) (global.get $g))
      (func (export "store") (i32.store offset=8 (i32.const 4) (i32.const 7)))
      (func (export "load") (result i64) (i64.load (i32.const 9))))""",
    """(module (type $t (func (result i32))) (table 3 funcref) (memory (export "memory") 2 4)
      (global (mut i64) (i64.const 1))
      (func $a (type $t) i32.const 1) (func $b (type $t) memory.size)
      (elem (i32.const 0) $a $b) (data (i32.const 3) "abc")
      (func (export "call") (result i32) (call_indirect (type $t) (i32.load8_u (i32.const 3))))
      (func (export "loop") (loop (br 0)))
      (func (export "choose") (result i32)
        (block (block (br_table 0 1 1 0 (memory.grow (i32.const 1)))) (return (i32.const 4)))
        (i32.const 5)))""",
    """(module (global (mut externref) (ref.null extern)) (global (mut v128) (v128.const i64x2 0 0))
      (func (export "lane") (result i32) (local $v v128) (local f32)
        (i32x4.extract_lane 2 (i32x4.add (local.get $v) (v128.const i32x4 1 2 3 4))))
      (table $t 2 funcref)
      (func (export "grow") (result i32) (table.grow $t (ref.null func) (i32.const 1))))""",
)


FUEL = 10_000


def metered() -> wasmtime.Engine:
    """Make an engine whose stores count what they do."""
    config = wasmtime.Config()
    config.consume_fuel = True
    return wasmtime.Engine(config)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Take a module and change, drop, double or add some bytes."""
    wasm = bytearray(wasmtime.wat2wasm(draw(st.sampled_from(SEEDS))))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(8, len(wasm)))
        size = draw(st.integers(0, 4))
        new = draw(st.one_of(st.binary(max_size=4), st.just(bytes(wasm[start : start + size]) * 2)))
        wasm[start : start + size] = new
    return bytes(wasm)


@given(st.one_of(damaged(), st.binary(max_size=64).map(b"\0asm\x01\0\0\0".__add__), st.binary(max_size=64)))
@settings(max_examples=100, deadline=None)
@example(b"")
def test_any_bytes_end_in_a_result_or_a_refusal(wasm: bytes) -> None:
    """Nothing else is ever raised, and what wasmtime accepts it accepts with the added exports."""
    inspected = inspected_or_none(wasm)
    engine = metered()
    if inspected and accepted(engine, wasm):
        assert accepted(engine, inspected.wasm)
        assert trace(engine, inspected.wasm) == trace(engine, wasm)


@pytest.mark.parametrize("wat", SEEDS)
def test_a_rewritten_module_behaves_like_the_original(wat: str) -> None:
    """Every export gives the same result or the same trap for the same fuel."""
    wasm = bytes(wasmtime.wat2wasm(wat))
    rewritten = inspect(wasm).wasm
    engine = metered()
    assert rewritten != wasm
    assert trace(engine, rewritten) == trace(engine, wasm)
    assert trace(engine, wasm)


@pytest.mark.parametrize("wat", SEEDS)
def test_a_module_cut_anywhere_is_refused_or_read(wat: str) -> None:
    """A download that stopped in the middle is no crash."""
    wasm = bytes(wasmtime.wat2wasm(wat))
    engine = metered()
    for end in range(len(wasm)):
        inspected = inspected_or_none(wasm[:end])
        assert inspected is None or accepted(engine, inspected.wasm) == accepted(engine, wasm[:end])


def inspected_or_none(wasm: bytes) -> Inspected | None:
    """Read a module, or give nothing for one that is refused."""
    try:
        return inspect(wasm)
    except ModuleRefused:
        return None


def accepted(engine: wasmtime.Engine, wasm: bytes) -> bool:
    """Ask wasmtime whether a module is valid."""
    try:
        wasmtime.Module.validate(engine, wasm)
    except wasmtime.WasmtimeError:
        return False
    return True


def trace(engine: wasmtime.Engine, wasm: bytes) -> list[str]:
    """Call every exported function that wants nothing, twice, and write down how it ends."""
    store = wasmtime.Store(engine)
    store.set_fuel(FUEL)
    store.set_limits(memory_size=1 << 24, table_elements=1 << 16)
    module = wasmtime.Module(engine, wasm)
    try:
        exports = wasmtime.Instance(store, module, []).exports(store)
    except (wasmtime.Trap, wasmtime.WasmtimeError) as failure:
        return [ended(failure)]
    functions = [
        (each.name, exports[each.name])
        for each in module.exports
        if isinstance(each.type, wasmtime.FuncType) and not each.type.params
    ]
    return [f"{name} {result_of(store, function)} {store.get_fuel()}" for name, function in functions * 2]


def result_of(store: wasmtime.Store, function: object) -> str:
    """Call a function and write down what came."""
    assert isinstance(function, wasmtime.Func)
    try:
        return repr(function(store))
    except (wasmtime.Trap, wasmtime.WasmtimeError) as failure:
        return ended(failure)


def ended(failure: Exception) -> str:
    """Name a trap without its offsets, which the added exports move."""
    return str(failure.trap_code) if isinstance(failure, wasmtime.Trap) else type(failure).__name__
