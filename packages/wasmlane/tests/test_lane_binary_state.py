"""Restorable is only what has no state but its memory and its globals of number type."""

from __future__ import annotations

import pytest
import wasmtime
from wasmlane.binary import inspect

MEMORY = '(memory (export "memory") 1)'


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("", "no memories"),
        ("(memory 1)", "not exported"),
        ('(memory (export "other") 1)', "not exported"),
        ('(memory (export "memory") 1) (memory 1)', "2 memories"),
        ('(memory (export "memory") 1 2 shared)', "shared"),
        ('(memory (export "memory") i64 1)', "64-bit"),
        ('(memory (export "memory") 1 (pagesize 1))', "page size"),
        ('(import "e" "m" (memory 1)) (export "memory" (memory 0))', "imported"),
        ('(import "e" "g" (global (mut i32)))' + MEMORY, "global 0 is mutable and imported"),
        (f"(global i32 (i32.const 0)) (global (mut funcref) (ref.null func)) {MEMORY}", "global 1 is mut"),
        (f"(global (mut externref) (ref.null extern)) {MEMORY}", "global 0 is mutable"),
        (f"(global (mut v128) (v128.const i64x2 0 0)) {MEMORY}", "global 0 is mutable"),
        ('(import "e" "t" (table 1 funcref))' + MEMORY, "table"),
        (f'(table (export "t") 1 funcref) {MEMORY}', "table"),
        (f"(tag) {MEMORY}", "tag"),
        ('(import "e" "t" (tag))' + MEMORY, "tag"),
        (f"{MEMORY} (func (i32.atomic.load (i32.const 0)) drop)", "does not read (0xfe 0x10)"),
    ],
)
def test_what_cannot_be_put_back_is_named(fields: str, reason: str) -> None:
    """The first obstacle is told in words."""
    inspected = inspect(bytes(wasmtime.wat2wasm(f"(module {fields})")))
    assert not inspected.restorable
    assert reason in inspected.why_not


@pytest.mark.parametrize(
    "fields",
    [
        MEMORY,
        f'{MEMORY} (data (i32.const 0) "text") (table 1 funcref) (func $f) (elem (i32.const 0) $f)',
        f"{MEMORY} (func $f) (start $f)",
        f'(import "e" "log" (func (param i32))) (import "e" "size" (global i32)) {MEMORY}',
        f"{MEMORY} (global (mut i32) (i32.const 0)) (global funcref (ref.null func))",
        '(memory (export "first") (export "memory") 1 20)',
    ],
)
def test_an_ordinary_module_is_restorable(fields: str) -> None:
    """Private tables with active segments, functions and numbers do not stand against it."""
    inspected = inspect(bytes(wasmtime.wat2wasm(f"(module {fields})")))
    assert (inspected.restorable, inspected.why_not) == (True, "")


def test_functions_are_counted_from_the_imported_ones() -> None:
    """The number in the reason is the one that other tools show."""
    change = "(func (table.set (i32.const 0) (ref.null func)))"
    fields = f'(import "e" "f" (func)) (func) {MEMORY} (table 1 funcref) {change}'
    assert "function 2 holds table.set" in inspect(bytes(wasmtime.wat2wasm(f"(module {fields})"))).why_not
