"""The outermost layer of a module: its header and where each section lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wasmlane.binary.cursor import Cursor
from wasmlane.errors import ModuleRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGIC = b"\0asm"
VERSION = b"\x01\0\0\0"
COMPONENT_LAYER = b"\x01\0"
CUSTOM = "custom"
NAMES = {  # by section id, in the order in which the format wants them
    0: CUSTOM, 1: "type", 2: "import", 3: "function", 4: "table", 5: "memory", 13: "tag", 6: "global",
    7: "export", 8: "start", 9: "element", 12: "data count", 10: "code", 11: "data",
}  # fmt: skip
ORDER = {name: place for place, name in enumerate(NAMES.values())}


@dataclass(frozen=True, slots=True)
class Span:
    """Say where a section lies: `head` is its id, `start` to `end` its content."""

    head: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Hold a module's bytes with the place of every section but the custom ones."""

    wasm: bytes
    spans: Mapping[str, Span]

    def read(self, name: str) -> Cursor:
        """Begin to read a section; one that is not there reads as one with no entries."""
        if span := self.spans.get(name):
            return Cursor(self.wasm, name, span.start, span.end)
        return Cursor(b"\0", name, 0, 1)

    def place_for(self, name: str) -> int:
        """Find where a section that is not there yet would have to stand."""
        later = (span.head for other, span in self.spans.items() if ORDER[other] > ORDER[name])
        return min(later, default=len(self.wasm))


def layout(wasm: bytes) -> Layout:
    """Find the sections of a core module."""
    _check_header(wasm)
    outside = Cursor(wasm, "header", len(MAGIC) + len(VERSION), len(wasm))
    spans: dict[str, Span] = {}
    latest = -1
    while outside.at < outside.end:
        head = outside.at
        number = outside.byte()
        name = NAMES.get(number) or outside.refuse(f"a section of unknown id {number}")
        content = outside.part(name, outside.number())
        if name == CUSTOM:
            continue
        if ORDER[name] <= latest:
            content.refuse("a second section of this kind, or one out of order")
        latest = ORDER[name]
        spans[name] = Span(head, content.at, content.end)
    return Layout(wasm, spans)


def _check_header(wasm: bytes) -> None:
    magic, version = wasm[:4], wasm[4:8]
    if magic != MAGIC:
        raise ModuleRefused("header, offset 0x0: this is no WebAssembly module")
    if version[2:] == COMPONENT_LAYER:
        raise ModuleRefused("header, offset 0x6: this is a component, and wasmlane runs core modules")
    if version != VERSION:
        raise ModuleRefused("header, offset 0x4: this is no WebAssembly module of version 1")
