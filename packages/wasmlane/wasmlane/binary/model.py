"""What can be known of a module from its bytes alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["func", "table", "memory", "global", "tag"]

KINDS: tuple[Kind, ...] = ("func", "table", "memory", "global", "tag")  # by number
PLAIN_MEMORY = frozenset({0x00, 0x01})  # other bits: shared, 64-bit, odd pages


@dataclass(frozen=True, slots=True)
class FuncType:
    """Name the types that a function takes and gives."""

    params: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """Name one thing that the module must be given; `type` is known for functions."""

    module: str
    name: str
    kind: Kind
    type: FuncType | None


@dataclass(frozen=True, slots=True)
class Export:
    """Name one thing that the module offers; `type` is known for functions."""

    name: str
    kind: Kind
    type: FuncType | None


@dataclass(frozen=True, slots=True)
class Global:
    """Name the export through which one mutable global of the module can be read and set."""

    export: str
    type: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """Hold a module whose mutable globals are exported, and say whether its whole state can be put back."""

    wasm: bytes
    imports: tuple[Import, ...]
    exports: tuple[Export, ...]
    globals: tuple[Global, ...]
    memory_pages: int
    memory_export: str | None
    restorable: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class MemoryType:
    """Hold a memory as it is declared."""

    pages: int
    flags: int
    imported: bool


@dataclass(frozen=True, slots=True)
class GlobalType:
    """Hold a global as it is declared."""

    type: str
    mutable: bool
    imported: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """Hold what a module declares, in the index order of the format."""

    imports: tuple[Import, ...]
    exports: tuple[Export, ...]
    memories: tuple[MemoryType, ...]
    globals: tuple[GlobalType, ...]
    tags: bool
