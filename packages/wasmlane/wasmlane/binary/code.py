"""A walk over every instruction of a module, in search of state that nobody can put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmlane.binary.instructions import BRANCH_TABLE, HARMLESS, LOCALS, PREFIXES, STATEFUL

if TYPE_CHECKING:
    from wasmlane.binary.cursor import Cursor


def first_stateful(code: Cursor, *, imported: int) -> str:
    """Name the first instruction that is not known to be harmless, or nothing."""
    for number in range(imported, imported + code.count()):
        body = code.part("code", code.number())
        if found := _in_body(body):
            return f"function {number} holds {found}"
    code.close()
    return ""


def _in_body(body: Cursor) -> str:
    for _ in range(body.count()):
        body.skip(LOCALS, "locals of a type")
    while True:
        body.skip(HARMLESS, "instructions")
        if body.at == body.end:
            return ""
        start = body.at
        opcode = body.byte()
        if opcode != BRANCH_TABLE:
            return f"{_instruction(opcode, body)} at offset {start:#x}"
        _skip_targets(body)


def _skip_targets(table: Cursor) -> None:
    for _ in range(table.number() + 1):  # the default comes last and is not counted
        table.number()


def _instruction(opcode: int, rest: Cursor) -> str:
    whole = (opcode, rest.number()) if opcode in PREFIXES else (opcode,)
    codes = " ".join(f"{code:#04x}" for code in whole)
    return STATEFUL.get(whole) or f"an instruction that wasmlane does not read ({codes})"
