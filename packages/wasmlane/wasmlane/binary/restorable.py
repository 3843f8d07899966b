"""Whether the whole state of a module is its one memory and its mutable globals of number type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmlane.binary.code import first_stateful
from wasmlane.binary.model import PLAIN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmlane.binary.cursor import Cursor
    from wasmlane.binary.model import Declared

MEMORY_NAME = "memory"
RESTORED = frozenset({"i32", "i64", "f32", "f64"})


def obstacle(module: Declared, code: Cursor) -> str:
    """Name the first thing that would outlive putting memory and globals back, or nothing."""
    return next(_obstacles(module, code), "")


def _obstacles(module: Declared, code: Cursor) -> Iterator[str]:
    yield from _in_memory(module)
    yield from _in_globals(module)
    kinds = {each.kind for each in module.imports} | {each.kind for each in module.exports}
    if "table" in kinds:
        yield "a table is imported or exported, so others can change it"
    if module.tags or "tag" in kinds:
        yield "the module uses exception tags"
    imported = sum(each.kind == "func" for each in module.imports)
    if found := first_stateful(code, imported=imported):
        yield found


def _in_memory(module: Declared) -> Iterator[str]:
    if len(module.memories) != 1:
        yield f"the module has {len(module.memories) or 'no'} memories, not one"
        return
    memory = module.memories[0]
    if memory.imported:
        yield "the memory is imported"
    if memory.flags not in PLAIN_MEMORY:
        yield "the memory is shared, 64-bit or of another page size"
    if not any(each.kind == "memory" and each.name == MEMORY_NAME for each in module.exports):
        yield f'the memory is not exported as "{MEMORY_NAME}"'


def _in_globals(module: Declared) -> Iterator[str]:
    for number, each in enumerate(module.globals):
        if each.mutable and each.imported:
            yield f"global {number} is mutable and imported"
        elif each.mutable and each.type not in RESTORED:
            yield f"global {number} is mutable and of type {each.type}"
