"""Every instruction is read with its immediates, so one that keeps state outside memory is found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st
from wasmlane.binary import inspect

if TYPE_CHECKING:
    from random import Random

STATEFUL = """
table.{set,grow,fill} $t
table.copy $t $u
table.init $t $e
elem.drop $e
memory.init $d
data.drop $d
"""
HARMLESS = """
{unreachable,nop,return,drop,select,br 0,br_if 0,br_table 0,br_table 0 0 0 0 0 0 0 0 0}
select (result {i64,funcref})
{block,loop} end
{block,loop} (result {i32,v128,externref}) unreachable end drop
{block,loop} (type $two) unreachable end drop drop
i32.const 0 if nop else nop end
{call,return_call} $f
{call_indirect,return_call_indirect} {$t,$u} (type $none)
local.{get,set,tee} $x
global.{get,set} $g
memory.{size,grow,copy,fill}
table.{get,size} $u
ref.{null func,null extern,is_null,func $f}
i32.const {0,-1,38,0x26262626}
i64.const {0,38,-9223372036854775808}
{f32,f64}.const {0,nan,-inf,8.8e-16,1e-100}
i32.{load8,load16}_{s,u} {align=1,offset=38,offset=0x2626,offset=4294967295}
i64.{load8,load16,load32}_{s,u} {align=1,offset=38,offset=0x2626,offset=4294967295}
{i32,i64,f32,f64,v128}.{load,store} {align=1,align=4,offset=38 align=2,offset=4294967295}
{i32.store8,i32.store16,i64.store8,i64.store16,i64.store32} {align=1,offset=38}
{i32,i64}.{clz,ctz,popcnt,add,sub,mul,div_s,div_u,rem_s,rem_u,and,or,xor,shl,shr_s,shr_u,rotl,rotr}
{i32,i64}.{eqz,eq,ne,lt_s,lt_u,gt_s,gt_u,le_s,le_u,ge_s,ge_u,extend8_s,extend16_s}
{i32,i64}.{trunc,trunc_sat}_{f32,f64}_{s,u}
{f32,f64}.{abs,neg,ceil,floor,trunc,nearest,sqrt,add,sub,mul,div,min,max,copysign,eq,ne,lt,gt,le,ge}
{f32,f64}.convert_{i32,i64}_{s,u}
{i32.wrap_i64,i64.extend_i32_s,i64.extend_i32_u,i64.extend32_s,f32.demote_f64,f64.promote_f32}
{i32.reinterpret_f32,i64.reinterpret_f64,f32.reinterpret_i32,f64.reinterpret_i64}
v128.load{8x8_s,8x8_u,16x4_s,16x4_u,32x2_s,32x2_u} {align=1,offset=0x2626}
v128.load{8_splat,16_splat,32_splat,64_splat,32_zero,64_zero} {align=1,offset=0x2626}
v128.{load,store}{8_lane,16_lane,32_lane,64_lane} {0,offset=0x26 align=1 1}
{i8x16,i16x8}.{extract_lane_s,extract_lane_u,replace_lane} 5
{i32x4,i64x2,f32x4,f64x2}.{extract_lane,replace_lane} 1
i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31
v128.const {i32x4 0 1 2 3,i32x4 0x26262626 0x26262626 0x26262626 0x26262626}
v128.{not,and,andnot,or,xor,bitselect,any_true}
{i8x16,i16x8,i32x4,i64x2,f32x4,f64x2}.splat
{i8x16,i16x8,i32x4,i64x2}.{eq,ne,lt_s,gt_s,le_s,ge_s,abs,neg,all_true,bitmask,shl,shr_s,shr_u,add,sub}
{i8x16,i16x8,i32x4}.{lt_u,gt_u,le_u,ge_u,min_s,min_u,max_s,max_u}
{i8x16,i16x8}.{add_sat_s,add_sat_u,sub_sat_s,sub_sat_u,avgr_u}
{i16x8,i32x4,i64x2}.mul
{i8x16.popcnt,i8x16.swizzle,i16x8.q15mulr_sat_s,i32x4.dot_i16x8_s}
{i16x8.{extend,extmul}_{low,high}_i8x16,i32x4.{extend,extmul}_{low,high}_i16x8}_{s,u}
i64x2.{extend,extmul}_{low,high}_i32x4_{s,u}
{i16x8.extadd_pairwise_i8x16,i32x4.extadd_pairwise_i16x8,i8x16.narrow_i16x8,i16x8.narrow_i32x4}_{s,u}
{f32x4,f64x2}.{eq,ne,lt,gt,le,ge,ceil,floor,trunc,nearest,abs,neg,sqrt,add,sub,mul,div,min,max,pmin,pmax}
{i32x4.trunc_sat_f32x4,f32x4.convert_i32x4,f64x2.convert_low_i32x4}_{s,u}
{i32x4.trunc_sat_f64x2_s_zero,i32x4.trunc_sat_f64x2_u_zero,f32x4.demote_f64x2_zero,f64x2.promote_low_f32x4}
{i8x16.relaxed_swizzle,i16x8.relaxed_q15mulr_s,i16x8.relaxed_dot_i8x16_i7x16_s}
{i32x4.relaxed_dot_i8x16_i7x16_add_s,i32x4.relaxed_trunc_f32x4_s,i32x4.relaxed_trunc_f32x4_u}
i32x4.relaxed_trunc_f64x2_{s,u}_zero
{f32x4,f64x2}.relaxed_{madd,nmadd,min,max}
{i8x16,i16x8,i32x4,i64x2}.relaxed_laneselect
"""
MODULE = """(module (type $two (func (result i32 i64))) (type $none (func))
  (memory (export "memory") 1) (table $t 4 funcref) (table $u 4 funcref) (global $g (mut i32) (i32.const 0))
  (func $f) (elem $e funcref (ref.func $f)) (data $d "bytes")
  (func (local $x i32) (local f64 v128 funcref) CODE))"""
UNKNOWN = "an instruction that wasmlane does not read"
INNERMOST = re.compile(r"(.*)\{([^{}]*)\}(.*)")


def written(line: str) -> list[str]:
    """Write out what a line stands for: one instruction for each choice in its braces."""
    if not (found := INNERMOST.fullmatch(line)):
        return [line]
    before, choices, after = found.groups()
    return [each for choice in choices.split(",") for each in written(before + choice + after)]


def instructions(table: str) -> list[str]:
    """List the instructions of a table."""
    return [each for line in table.strip().splitlines() for each in written(line)]


def holding(*code: str) -> bytes:
    """Write a module whose second function holds this code; `unreachable` spares the operands."""
    return bytes(wasmtime.wat2wasm(MODULE.replace("CODE", " unreachable ".join(("", *code, "")))))


def test_every_harmless_instruction_is_known() -> None:
    """One of each, all in one function: valid for wasmtime, and nothing in them looks like state."""
    wasm = holding(*instructions(HARMLESS))
    wasmtime.Module.validate(wasmtime.Engine(), wasm)
    assert inspect(wasm).why_not == ""


def test_what_follows_any_instruction_is_still_found() -> None:
    """No immediate is read too short or too long: a table.set right behind it is seen at its own place."""
    for each in instructions(HARMLESS):
        inspected = inspect(holding(each, "table.set $u"))
        assert inspected.why_not.startswith("function 1 holds table.set at offset"), each
        assert not inspected.restorable


@pytest.mark.parametrize("instruction", instructions(STATEFUL))
def test_an_instruction_that_keeps_state_elsewhere_is_named(instruction: str) -> None:
    """Tables and passive segments cannot be put back."""
    inspected = inspect(holding(instruction))
    assert not inspected.restorable
    name, _, _ = instruction.partition(" ")
    assert f"function 1 holds {name} at offset" in inspected.why_not


@given(
    st.lists(st.sampled_from(instructions(HARMLESS)), max_size=20),
    st.lists(st.sampled_from(instructions(STATEFUL)), max_size=1),
    st.randoms(),
)
@settings(max_examples=100, deadline=None)
def test_only_what_keeps_state_is_found(harmless: list[str], stateful: list[str], random: Random) -> None:
    """In any order, a function is harmless exactly when all its instructions are."""
    code = [*harmless, *stateful]
    random.shuffle(code)
    assert inspect(holding(*code)).restorable is not bool(stateful)


def test_the_byte_of_table_set_inside_an_immediate_is_no_table_set() -> None:
    """Only instructions count, not the bytes that they carry."""
    wasm = holding(
        "i32.const 38", "i64.load offset=38", "f64.const 1.5e-120", "v128.const i32x4 0x26262626 0 0 0x26"
    )
    assert b"\x26\x26" in wasm
    assert inspect(wasm).restorable


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (b"\xfc\x8c\x80\0\0\0", "table.init"),  # the opcode in more bytes than it needs
        (b"\x41\xa6\x80\0\x1a\x26\0", "table.set"),  # a constant likewise, then drop
        (b"\x28\x42\0\x26\x1a", ""),  # a load that names its memory: the last number is an offset
        (b"\x28\xc2\0\0\x26\x1a", ""),  # the same with the alignment in two bytes
        (b"\x28\x82\0\x26\x1a", ""),  # one that does not name it
        (b"\x02\xa6\0\x26\0", "table.set"),  # a block of a type with a large number
        (b"\x02\x64\x26\x01\x0b", f"{UNKNOWN} (0x02)"),  # a block of a typed reference
        (b"\x0e\x02\x26\x26\x26\x26\0", "table.set"),  # behind the targets of a br_table and its default
        (b"\xfd\x9a\x01", f"{UNKNOWN} (0xfd 0x9a)"),  # a hole in the table
    ],
)
def test_unusual_bytes_are_read_as_wasmtime_reads_them(code: bytes, found: str) -> None:
    """Written byte by byte, since no text gives them."""
    room = b"\x01" * 12
    wasm = holding("nop " * len(room))
    assert wasm.count(room) == 1
    why_not = inspect(wasm.replace(room, code.ljust(len(room), b"\x01"))).why_not
    assert why_not.partition(" at offset")[0] == (found and f"function 1 holds {found}")


@pytest.mark.parametrize("last", [b"", b"\x41\x00\xd0\x70\x26\x00"])
def test_one_instruction_is_found_among_millions(last: bytes) -> None:
    """A large module is walked to its very last instruction."""
    line = b"\x20\x00\x41\xa6\x26\x6a\x28\x02\x26\x21\x00"  # x = load(x + constant)
    body = b"\x01\x01\x7f" + line * 400 + b"\x0b"
    end = b"\0" + last + b"\x0b"
    bodies = (sized(body) * 600, sized(end))
    fields = '(memory (export "memory") 1) (table 1 funcref)' + "(func)" * 601
    wasm = bytes(wasmtime.wat2wasm(f"(module {fields})"))
    start = wasm.index(b"\x0a", len(wasm) - 601 * 3 - 6)
    large = wasm[:start] + b"\x0a" + sized(number(601) + b"".join(bodies))
    wasmtime.Module.validate(wasmtime.Engine(), large)
    assert len(large) > 2_000_000
    assert inspect(large).restorable is not bool(last)


def sized(content: bytes) -> bytes:
    """Put the length before the content."""
    return number(len(content)) + content


def number(value: int) -> bytes:
    """Write LEB128 in five bytes, as linkers do."""
    return bytes([*(value >> shift & 0x7F | 0x80 for shift in (0, 7, 14, 21)), value >> 28])
