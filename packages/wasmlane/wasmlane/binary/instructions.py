"""The instructions that leave everything but memory and globals as it is, as one regular expression.

Nearly every instruction is an opcode with immediates of known form, so a run of them is a regular language,
and the regex engine reads it some fifty times faster than a loop in Python would. Two things stay outside:
`br_table`, whose immediates are counted, and whatever is not listed here; at both the match stops.
"""

from __future__ import annotations

import re

NUMBER = rb"(?:[\x80-\xff]*+[\x00-\x7f])"  # LEB128, signed or not
_VALUE_TYPE = rb"[\x6f\x70\x7b-\x7f]"
_BARE_VECTORS = (  # the numbers from 0x80 to 0xff that are in use
    rb"[\x80-\x99\x9b-\xa1\xa3\xa4\xa7-\xae\xb1\xb5-\xba\xbc-\xc1\xc3\xc4\xc7-\xce\xd1\xd5-\xe1\xe3-\xed\xef-\xff]"
)
_BLOCK_TYPE = rb"(?:[\x00-\x3f\x40\x6f\x70\x7b-\x7f]|[\x80-\xff]++[\x00-\x7f])"  # 0x63, 0x64 would go on
_ADDRESS = (  # alignment, a memory's number when bit 6 of the alignment says so, offset
    rb"(?:(?:[\x00-\x3f]|[\x80-\xbf]" + NUMBER + rb")"
    rb"|(?:[\x40-\x7f]|[\xc0-\xff]" + NUMBER + rb")" + NUMBER + rb")" + NUMBER
)

_CONSTANTS = (
    rb"[\x41\x42]" + NUMBER,  # i32.const, i64.const
    rb"\x44.{8}",  # f64.const
    rb"\x43.{4}",  # f32.const
    rb"\xd0" + NUMBER,  # ref.null
    rb"\xd2" + NUMBER,  # ref.func
    rb"\xfd\x0c.{16}",  # v128.const
)
_IN_CONSTANTS = (*_CONSTANTS, rb"\x23" + NUMBER, rb"[\x6a-\x6c\x7c-\x7e]")  # and global.get, add, sub, mul
_VECTORS = (
    rb"\xfd[\x00-\x0b\x5c\x5d]" + _ADDRESS,  # v128.load and its kin, v128.store, load32_zero, load64_zero
    rb"\xfd\x0d.{16}",  # i8x16.shuffle
    rb"\xfd[\x15-\x22].",  # extract_lane, replace_lane
    rb"\xfd[\x54-\x5b]" + _ADDRESS + rb".",  # load_lane, store_lane
    rb"\xfd[\x0e-\x14\x23-\x53\x5e-\x7f]",  # splat, comparisons, bits, i8x16, rounding
    rb"\xfd" + _BARE_VECTORS + rb"\x01",  # the other integer and floating-point arithmetic
    rb"\xfd[\x80-\x93]\x02",  # relaxed ones
)
_HARMLESS = (
    rb"[\x20-\x24]" + NUMBER,  # local.get, .set, .tee, global.get, .set
    *_CONSTANTS,
    rb"[\x28-\x3e]" + _ADDRESS,  # loads and stores
    rb"[\x00\x01\x05\x0b\x0f\x1a\x1b\x45-\xc4\xd1]",  # control, drop, select, arithmetic, ref.is_null
    rb"[\x0c\x0d\x10\x12]" + NUMBER,  # br, br_if, call, return_call
    rb"[\x02-\x04]" + _BLOCK_TYPE,  # block, loop, if
    rb"[\x11\x13]" + NUMBER + NUMBER,  # call_indirect, return_call_indirect
    rb"[\x25\x3f\x40]" + NUMBER,  # table.get, memory.size, memory.grow
    rb"\x1c\x01" + _VALUE_TYPE,  # select with its type
    rb"\xfc[\x00-\x07]",  # trunc_sat
    rb"\xfc\x0a" + NUMBER + NUMBER,  # memory.copy
    rb"\xfc[\x0b\x10]" + NUMBER,  # memory.fill, table.size
    *_VECTORS,
)


def _one_of(forms: tuple[bytes, ...]) -> bytes:
    return rb"(?:" + rb"|".join(forms) + rb")"


HARMLESS = re.compile(_one_of(_HARMLESS) + rb"*+", re.DOTALL)
CONSTANT = re.compile(_one_of(_IN_CONSTANTS) + rb"*+\x0b", re.DOTALL)
LOCALS = re.compile(NUMBER + _VALUE_TYPE)

BRANCH_TABLE = 0x0E
PREFIXES = frozenset({0xFB, 0xFC, 0xFD, 0xFE})  # a second number tells which instruction it is
STATEFUL = {  # by opcode: what keeps state outside memory and globals
    (0x26,): "table.set",
    (0xFC, 0x08): "memory.init",
    (0xFC, 0x09): "data.drop",
    (0xFC, 0x0C): "table.init",
    (0xFC, 0x0D): "elem.drop",
    (0xFC, 0x0E): "table.copy",
    (0xFC, 0x0F): "table.grow",
    (0xFC, 0x11): "table.fill",
}
