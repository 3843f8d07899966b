"""Reads what a WebAssembly module imports and exports, to see that a build is the guest and is whole."""

from __future__ import annotations

import io
from dataclasses import dataclass

from guest_build.errors import CannotBuildError

_MAGIC = b"\0asm\x01\0\0\0"
_IMPORTS, _EXPORTS = 2, 7
_FUNCTION = 0
_HOST_CALL = "env.host_call"
_LINKER_MARKS = frozenset({"__data_end", "__heap_base"})  # constants that every Rust module carries


class BrokenGuestError(CannotBuildError):
    """A module that was built, or was found in the cache, is not the guest."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the module that was built is not the guest: {why}")


@dataclass(frozen=True, slots=True)
class Interface:
    """The names that a module shares with its host."""

    imports: frozenset[str]
    exports: frozenset[str]


def check(module: bytes, functions: frozenset[str]) -> None:
    """Refuse a module that does not import the host call alone and export its memory and these functions."""
    found = interface(module)
    if found.imports != {_HOST_CALL}:
        raise BrokenGuestError(f"it imports {_list(found.imports)} and may import {_HOST_CALL} alone")
    wanted = functions | {"memory"}
    if missing := wanted - found.exports:
        raise BrokenGuestError(f"it does not export {_list(missing)}")
    if surplus := found.exports - wanted - _LINKER_MARKS:
        raise BrokenGuestError(f"it exports {_list(surplus)}, which no source file of the guest does")


def interface(module: bytes) -> Interface:
    """Read the import and export names out of a module, and walk to its last byte."""
    reader = _Reader(module)
    if reader.take(len(_MAGIC)) != _MAGIC:
        raise BrokenGuestError("it is not a WebAssembly module")
    imports: list[str] = []
    exports: list[str] = []
    while not reader.at_end():
        kind = reader.byte()
        section = _Reader(reader.take(reader.number()))
        if kind == _IMPORTS:
            imports += [_import(section) for _ in range(section.number())]
        elif kind == _EXPORTS:
            exports += [_export(section) for _ in range(section.number())]
    return Interface(frozenset(imports), frozenset(exports))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self._size = len(data)

    def at_end(self) -> bool:
        return self._data.tell() == self._size

    def take(self, size: int) -> bytes:
        taken = self._data.read(size)
        if len(taken) != size:
            raise BrokenGuestError("it ends too early")
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the bit that says more bytes follow
                return value
            shift += 7

    def name(self) -> str:
        return self.take(self.number()).decode(errors="replace")


def _import(section: _Reader) -> str:
    name = f"{section.name()}.{section.name()}"
    if section.byte() != _FUNCTION:
        raise BrokenGuestError(f"it imports {name}, which is not a function")
    section.number()  # its type
    return name


def _export(section: _Reader) -> str:
    name = section.name()
    section.byte()  # function, memory or global
    section.number()  # its index
    return name


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
