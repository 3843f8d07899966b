"""The guests that are measured."""

from __future__ import annotations

SMALL = """
(module
  (import "env" "ask" (func $ask (param i32 i32) (result i64)))
  (memory (export "memory") 17)
  (global $stack (mut i32) (i32.const 524288))
  (global $free (mut i32) (i32.const 4096))
  (global $count (mut i32) (i32.const 0))
  (data (i32.const 524288) "a guest of about a megabyte, most of it zero")
  (func $pack (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
  (func (export "alloc") (param i32) (result i32)
    (global.get $free) (global.set $free (i32.add (global.get $free) (local.get 0))))
  (func (export "begin")
    (memory.fill (i32.const 530000) (i32.const 7) (i32.const 150000))
    (memory.fill (i32.const 700000) (i32.const 9) (i32.const 60000)))
  (func (export "become") (param i32 i32) (result i64)
    (memory.fill (i32.const 800000) (i32.load8_u (local.get 0)) (i32.const 20000))
    (i64.const 0))
  (func (export "small") (param i32 i32) (result i64)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 64) (global.get $count))
    (call $pack (local.get 0) (local.get 1)))
  (func $turn (param i32 i32) (param $turns i32) (result i64) (local $n i32)
    (loop $l
      (i32.store (i32.add (i32.const 100000) (i32.and (local.get $n) (i32.const 65532))) (local.get $n))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $n) (local.get $turns))))
    (call $pack (local.get 0) (local.get 1)))
  (func (export "work") (param i32 i32) (result i64)
    (call $turn (local.get 0) (local.get 1) (i32.const 40000)))
  (func (export "much") (param i32 i32) (result i64)
    (call $turn (local.get 0) (local.get 1) (i32.const 200000)))
  (func (export "ask") (param i32 i32) (result i64) (call $ask (local.get 0) (local.get 1)))
  (func (export "fail") (param i32 i32) (result i64) (unreachable))
  (func (export "grow") (param i32 i32) (result i64) (drop (memory.grow (i32.const 1))) (i64.const 0)))
"""
CHANGED_TABLE = '(table 1 funcref) (func (export "churn") (table.set (i32.const 0) (ref.null func)))'
FRESH = SMALL.replace('(func (export "fail")', CHANGED_TABLE + '(func (export "fail")')
"""The same, but with a table that it could change: so each call gets a new instance."""
