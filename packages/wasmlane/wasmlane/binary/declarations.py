"""What a module declares: the sections for types, imports, functions, memories, globals and exports."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from wasmlane.binary.instructions import CONSTANT
from wasmlane.binary.model import KINDS, Declared, Export, FuncType, GlobalType, Import, MemoryType

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from wasmlane.binary.cursor import Cursor
    from wasmlane.binary.model import Kind
    from wasmlane.binary.sections import Layout

    T = TypeVar("T")

FUNCTION_TYPE = 0x60
TYPES = {
    0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128", 0x70: "funcref", 0x6F: "externref",
}  # fmt: skip
HAS_MAXIMUM, IS_64_BIT, HAS_PAGE_SIZE = 0x01, 0x04, 0x08  # bits of the limits flags

Described = FuncType | MemoryType | GlobalType | None


def declared(layout: Layout) -> Declared:
    """Read the declarations of a module."""
    types = _entries(layout.read("type"), _function_type)
    imports = _entries(layout.read("import"), lambda at: _import(at, types))
    functions = [
        *(each.type for each, _ in imports if each.kind == "func"),
        *_entries(layout.read("function"), lambda at: _type_at(at, types)),
    ]
    described = [type_ for _, type_ in imports]
    memories = _entries(layout.read("memory"), lambda at: _memory(at, imported=False))
    globals_ = _entries(layout.read("global"), _defined_global)
    return Declared(
        imports=tuple(each for each, _ in imports),
        exports=tuple(_entries(layout.read("export"), lambda at: _export(at, functions))),
        memories=tuple(each for each in chain(described, memories) if isinstance(each, MemoryType)),
        globals=tuple(each for each in chain(described, globals_) if isinstance(each, GlobalType)),
        tags="tag" in layout.spans,
    )


def _entries(section: Cursor, one: Callable[[Cursor], T]) -> list[T]:
    found = [one(section) for _ in range(section.count())]
    section.close()
    return found


def _function_type(at: Cursor) -> FuncType:
    if (form := at.byte()) != FUNCTION_TYPE:
        at.refuse(f"a type of form {form:#x}, which is no function type")
    return FuncType(_value_types(at), _value_types(at))


def _value_types(at: Cursor) -> tuple[str, ...]:
    return tuple(_value_type(at) for _ in range(at.count()))


def _value_type(at: Cursor) -> str:
    code = at.byte()
    return TYPES.get(code) or at.refuse(f"the unknown value type {code:#x}")


def _type_at(at: Cursor, types: list[FuncType]) -> FuncType:
    index = at.number()
    if index >= len(types):
        at.refuse(f"type {index} of {len(types)}")
    return types[index]


def _kind(at: Cursor) -> Kind:
    code = at.byte()
    if code >= len(KINDS):
        at.refuse(f"the unknown kind {code:#x} of import or export")
    return KINDS[code]


def _import(at: Cursor, types: list[FuncType]) -> tuple[Import, Described]:
    module, name, kind = at.name(), at.name(), _kind(at)
    described = _described(at, kind, types)
    return Import(module, name, kind, described if isinstance(described, FuncType) else None), described


def _described(at: Cursor, kind: Kind, types: list[FuncType]) -> Described:
    match kind:
        case "func":
            return _type_at(at, types)
        case "table":
            _value_type(at)
            _memory(at, imported=True)  # the limits of both are written alike
        case "memory":
            return _memory(at, imported=True)
        case "global":
            return _global(at, imported=True)
        case "tag":
            at.byte()
            _type_at(at, types)
    return None


def _memory(at: Cursor, *, imported: bool) -> MemoryType:
    flags = at.byte()
    bits = 64 if flags & IS_64_BIT else 32
    pages = at.number(bits)
    if flags & HAS_MAXIMUM:
        at.number(bits)
    if flags & HAS_PAGE_SIZE:
        at.number()
    return MemoryType(pages, flags, imported)


def _global(at: Cursor, *, imported: bool) -> GlobalType:
    type_ = _value_type(at)
    mutable = at.byte()
    if mutable not in (0, 1):
        at.refuse(f"a global of unknown mutability {mutable:#x}")
    return GlobalType(type_, bool(mutable), imported)


def _defined_global(at: Cursor) -> GlobalType:
    found = _global(at, imported=False)
    at.skip(CONSTANT, "an initial value")
    return found


def _export(at: Cursor, functions: list[FuncType | None]) -> Export:
    name, kind, index = at.name(), _kind(at), at.number()
    if kind != "func":
        return Export(name, kind, None)
    if index >= len(functions):
        at.refuse(f"function {index} of {len(functions)}")
    return Export(name, kind, functions[index])
