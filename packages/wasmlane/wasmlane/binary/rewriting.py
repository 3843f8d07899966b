"""Adds exports to a module; every other byte stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmlane.binary.sections import Layout

EXPORT_SECTION = b"\x07"
GLOBAL_KIND = b"\x03"


def with_globals_exported(layout: Layout, names: Mapping[int, str]) -> bytes:
    """Write the module with these globals exported too."""
    if not names:
        return layout.wasm
    old = layout.read("export")
    count = old.count()
    added = b"".join(_entry(name, number) for number, name in names.items())
    content = _number(count + len(names)) + old.take(old.end - old.at) + added
    span = layout.spans.get("export")
    head, end = (span.head, span.end) if span else (layout.place_for("export"),) * 2
    return layout.wasm[:head] + EXPORT_SECTION + _sized(content) + layout.wasm[end:]


def _entry(name: str, number: int) -> bytes:
    return _sized(name.encode()) + GLOBAL_KIND + _number(number)


def _sized(content: bytes) -> bytes:
    return _number(len(content)) + content


def _number(value: int) -> bytes:
    """Write an unsigned LEB128 number."""
    written = bytearray()
    while value > 0x7F:  # noqa: PLR2004 — what one byte of LEB128 holds
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
