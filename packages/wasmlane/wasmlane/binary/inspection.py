"""The whole reading of a module: declarations, globals made visible, and what stands against restoring it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmlane.binary.declarations import declared
from wasmlane.binary.model import Global, Inspected
from wasmlane.binary.restorable import MEMORY_NAME, obstacle
from wasmlane.binary.rewriting import with_globals_exported
from wasmlane.binary.sections import layout
from wasmlane.errors import ModuleRefused

if TYPE_CHECKING:
    from wasmlane.binary.model import Declared

RESERVED = "wasmlane:global:"  # how the exports that are added here begin
MOST_GLOBALS = 1000  # each one is set again before each call


def inspect(wasm: bytes) -> Inspected:
    """Read a module and export its mutable globals, or raise ModuleRefused; nothing of it is run."""
    wasm = bytes(wasm)
    sections = layout(wasm)
    module = declared(sections)
    numbers = _own_mutable_globals(module)
    why_not = obstacle(module, sections.read("code"))
    return Inspected(
        wasm=with_globals_exported(sections, {number: f"{RESERVED}{number}" for number in numbers}),
        imports=module.imports,
        exports=module.exports,
        globals=tuple(Global(f"{RESERVED}{number}", module.globals[number].type) for number in numbers),
        memory_pages=module.memories[0].pages if module.memories else 0,
        memory_export=_memory_export(module),
        restorable=not why_not,
        why_not=why_not,
    )


def _own_mutable_globals(module: Declared) -> list[int]:
    if taken := next((each.name for each in module.exports if each.name.startswith(RESERVED)), None):
        raise ModuleRefused(f'export section: "{taken}" begins with "{RESERVED}", which is reserved')
    found = [number for number, each in enumerate(module.globals) if each.mutable and not each.imported]
    if len(found) > MOST_GLOBALS:
        raise ModuleRefused(f"global section: {len(found)} mutable globals, more than {MOST_GLOBALS}")
    return found


def _memory_export(module: Declared) -> str | None:
    names = [each.name for each in module.exports if each.kind == "memory"]
    return MEMORY_NAME if MEMORY_NAME in names else next(iter(names), None)
