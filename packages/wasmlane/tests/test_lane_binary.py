"""What a module declares is read as it is written, and only exports are added to it."""

from __future__ import annotations

import pytest
import wasmtime
from wasmlane.binary import Export, FuncType, Global, Import, inspect
from wasmlane.errors import ModuleRefused

HEADER = b"\0asm\x01\0\0\0"
WHOLE = """(module
  (type $pair (func (param i32 i64) (result f32 f64)))
  (import "env" "host" (func $host (type $pair)))
  (import "env" "limit" (global i32))
  (import "env" "names" (table 2 5 funcref))
  (import "env" "far" (memory 1 9))
  (tag $wrong (param i32))
  (global (mut i64) (i64.const -5))
  (global f64 (f64.const 2.5))
  (global $last (mut externref) (ref.null extern))
  (func (export "both") (type $pair) unreachable)
  (func (export "vector") (param v128 funcref) (result externref) unreachable)
  (export "memory" (memory 0))
  (export "Ω" (global 2))
  (export "wrong" (tag $wrong))
)"""


def module(wat: str) -> bytes:
    """Write a module from its text."""
    return bytes(wasmtime.wat2wasm(wat))


def test_every_import_is_read() -> None:
    """Imports come with module, name and kind, functions with their type."""
    pair = FuncType(("i32", "i64"), ("f32", "f64"))
    assert inspect(module(WHOLE)).imports == (
        Import("env", "host", "func", pair),
        Import("env", "limit", "global", None),
        Import("env", "names", "table", None),
        Import("env", "far", "memory", None),
    )


def test_every_export_is_read() -> None:
    """Exports come with name and kind, functions with their type; the added ones are not among them."""
    assert inspect(module(WHOLE)).exports == (
        Export("both", "func", FuncType(("i32", "i64"), ("f32", "f64"))),
        Export("vector", "func", FuncType(("v128", "funcref"), ("externref",))),
        Export("memory", "memory", None),
        Export("Ω", "global", None),
        Export("wrong", "tag", None),
    )


def test_own_mutable_globals_are_named_by_their_index() -> None:
    """Imported globals count, immutable ones are left out."""
    assert inspect(module(WHOLE)).globals == (
        Global("wasmlane:global:1", "i64"),
        Global("wasmlane:global:3", "externref"),
    )


def test_the_added_exports_reach_the_globals() -> None:
    """A host reads and sets a global that the module kept for itself."""
    wat = '(module (global $n (mut i32) (i32.const 7)) (func (export "next") (result i32) (global.get $n)))'
    store = wasmtime.Store()
    rewritten = wasmtime.Module(store.engine, inspect(module(wat)).wasm)
    exports = wasmtime.Instance(store, rewritten, []).exports(store)
    hidden, read = exports["wasmlane:global:0"], exports["next"]
    assert isinstance(hidden, wasmtime.Global)
    assert isinstance(read, wasmtime.Func)
    assert hidden.value(store) == 7
    hidden.set_value(store, 8)
    assert read(store) == 8


@pytest.mark.parametrize(
    "rest",
    [
        "",
        '(func (export "f"))',
        "(func $f) (start $f) (table 1 funcref) (elem (i32.const 0) $f)",
        '(memory (export "memory") 1) (data "passive") (func (data.drop 0))',
    ],
)
def test_the_rewritten_module_is_valid_wherever_its_exports_must_stand(rest: str) -> None:
    """An export section is found or made in its right place, custom sections around it or not."""
    wasm = module(f"(module (global $named (mut i32) (i32.const 0)) {rest})")
    for each in (wasm, wasm + b"\0\x02\x01x", HEADER + b"\0\x02\x01x" + wasm[8:]):
        inspected = inspect(each)
        names = [one.name for one in wasmtime.Module(wasmtime.Engine(), inspected.wasm).exports]
        assert names == [*(one.name for one in inspected.exports), "wasmlane:global:0"]


def test_a_module_without_mutable_globals_stays_as_it_is() -> None:
    """Nothing is rewritten where nothing has to be."""
    wasm = module('(module (global i32 (i32.const 1)) (memory (export "m") 3))')
    inspected = inspect(wasm)
    assert (inspected.wasm, inspected.globals) == (wasm, ())


@pytest.mark.parametrize(
    ("memory", "pages", "export"),
    [
        ("", 0, None),
        ("(memory 3)", 3, None),
        ('(memory (export "m") 3 9)', 3, "m"),
        ('(memory (export "m") (export "memory") 200)', 200, "memory"),
        ('(import "env" "memory" (memory 4))', 4, None),
        ('(memory (export "memory") i64 5)', 5, "memory"),
    ],
)
def test_the_memory_is_told_by_size_and_name(memory: str, pages: int, export: str | None) -> None:
    """Its first size in pages, and the name under which it is seen."""
    inspected = inspect(module(f"(module {memory})"))
    assert (inspected.memory_pages, inspected.memory_export) == (pages, export)


def test_every_form_of_initial_value_is_read_over() -> None:
    """What a global begins with may be computed; the globals behind it are still found."""
    wasm = module("""(module (import "e" "g" (global $g i32)) (func $f)
      (global (mut i32) (i32.add (global.get $g) (i32.mul (i32.const 11) (i32.const -4))))
      (global (mut i64) (i64.sub (i64.const 11) (i64.const 38)))
      (global (mut i64) (i64.const 0x0b0b0b0b0b0b0b0b)) (global (mut f32) (f32.const 2.7e-32))
      (global (mut f64) (f64.const 1e-250)) (global (mut v128) (v128.const i32x4 0x0b0b0b0b 11 11 11))
      (global (mut funcref) (ref.func $f)) (global (mut externref) (ref.null extern))
      (global (mut i32) (i32.const 1)))""")
    types = [each.type for each in inspect(wasm).globals]
    assert types == ["i32", "i64", "i64", "f32", "f64", "v128", "funcref", "externref", "i32"]


def test_a_reserved_export_name_is_refused() -> None:
    """A module cannot pretend to be rewritten already."""
    with pytest.raises(ModuleRefused):
        inspect(module('(module (func (export "wasmlane:global:9")))'))


def test_thousands_of_mutable_globals_are_refused() -> None:
    """Each would have to be set again before each call."""
    with pytest.raises(ModuleRefused):
        inspect(module(f"(module {'(global (mut i32) (i32.const 0))' * 1001})"))


@pytest.mark.parametrize(
    ("wasm", "place"),
    [
        (b"", "header, offset 0x0"),
        (b"\0asm\x02\0\0\0", "header, offset 0x4"),
        (b"\0asm\x0d\0\x01\0", "component"),
        (bytes(10_000_000), "header, offset 0x0"),
    ],
)
def test_what_is_no_core_module_is_refused(wasm: bytes, place: str) -> None:
    """The sentence names the header, and components by name."""
    with pytest.raises(ModuleRefused, match=place):
        inspect(wasm)


@pytest.mark.parametrize(
    ("sections", "sentence"),
    [
        (b"\x0e\0", "header section, offset 0x9: a section of unknown id 14"),
        (b"\x01", "header section, offset 0x9: the section ends too early"),
        (b"\x01\x05\0", "type section, offset 0xa: 5 bytes are announced where 1 are left"),
        (b"\0\x05\0", "custom section, offset 0xa: 5 bytes are announced where 1 are left"),
        (b"\x01\xff\xff\xff\xff\x7f", "header section, offset 0xe: a number of more than 32 bits"),
        (b"\x01\x80\x80\x80\x80\x80\0", "header section, offset 0xe: a number of more than 32 bits"),
        (
            b"\x01\x01\0\x01\x01\0",
            "type section, offset 0xd: a second section of this kind, or one out of order",
        ),
        (
            b"\x03\x01\0\x01\x01\0",
            "type section, offset 0xd: a second section of this kind, or one out of order",
        ),
        (b"\x01\x02\0\0", "type section, offset 0xb: 1 bytes are left over"),
        (b"\x01\x05\xff\xff\xff\xff\x0f", "type section, offset 0xf: 4294967295 entries, more than 1000000"),
        (b"\x01\x03\x02\x60\0", "type section, offset 0xd: the section ends too early"),
        (b"\x01\x02\x01\x5f", "type section, offset 0xc: a type of form 0x5f, which is no function type"),
        (b"\x01\x04\x01\x60\x01\x01", "type section, offset 0xe: the unknown value type 0x1"),
        (b"\x03\x02\x01\0", "function section, offset 0xc: type 0 of 0"),
        (b"\x02\x04\x01\x01\xff\0", "import section, offset 0xd: a name that is not UTF-8"),
        (b"\x02\x05\x01\0\0\x09\0", "import section, offset 0xe: the unknown kind 0x9 of import or export"),
        (b"\x06\x04\x01\x7f\x05\x0b", "global section, offset 0xd: a global of unknown mutability 0x5"),
        (
            b"\x06\x05\x01\x7f\0\x00\x0b",
            "global section, offset 0xd: an initial value that wasmlane cannot read",
        ),
        (b"\x07\x05\x01\x01f\0\x03", "export section, offset 0xf: function 3 of 0"),
    ],
)
def test_damage_is_refused_by_section_and_offset(sections: bytes, sentence: str) -> None:
    """Whoever made the module is told where to look."""
    with pytest.raises(ModuleRefused) as refused:
        inspect(HEADER + sections)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("filler", [b"\0", b"\x01", b"\x7f", b"\x80", b"\xff", b"\0\x01\0"])
def test_megabytes_of_one_byte_end_soon(filler: bytes) -> None:
    """Nothing is counted out that the bytes do not hold."""
    with pytest.raises(ModuleRefused):
        inspect(HEADER + filler * (1_000_000 // len(filler)) + b"\x0f")
