"""A place in one section: every read moves on inside the section, or refuses the module."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from wasmlane.errors import ModuleRefused

if TYPE_CHECKING:
    import re

MOST = 1_000_000  # of any one thing in a module; wasmtime's own bound is the same for most of them


class Cursor:
    """Read numbers, names and runs of bytes from one section."""

    __slots__ = ("_section", "_wasm", "at", "end")

    def __init__(self, wasm: bytes, section: str, at: int, end: int) -> None:
        self._wasm = wasm
        self._section = section
        self.at = at
        self.end = end

    def refuse(self, why: str) -> NoReturn:
        """Refuse the module for what stands here."""
        raise ModuleRefused(f"{self._section} section, offset {self.at:#x}: {why}")

    def byte(self) -> int:
        """Read one byte."""
        if self.at >= self.end:
            self.refuse("the section ends too early")
        self.at += 1
        return self._wasm[self.at - 1]

    def part(self, section: str, size: int) -> Cursor:
        """Set apart the next bytes, to be read on their own."""
        part = Cursor(self._wasm, section, self.at, self.at + size)
        if part.end > self.end:
            part.refuse(f"{size} bytes are announced where {self.end - self.at} are left")
        self.at = part.end
        return part

    def take(self, size: int) -> bytes:
        """Read a run of bytes of known size."""
        part = self.part(self._section, size)
        return self._wasm[part.at : part.end]

    def number(self, bits: int = 32) -> int:
        """Read an unsigned LEB128 number of at most so many bits."""
        value = 0
        for shift in range(0, bits, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 — the continuation bit of LEB128
                if value >> bits:
                    self.refuse(f"a number of more than {bits} bits")
                return value
        return self.refuse(f"a number of more than {bits} bits")

    def count(self) -> int:
        """Read how many entries follow."""
        number = self.number()
        if number > MOST:
            self.refuse(f"{number} entries, more than {MOST}")
        return number

    def name(self) -> str:
        """Read a name, which must be UTF-8."""
        raw = self.take(self.number())
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.refuse("a name that is not UTF-8")

    def skip(self, pattern: re.Pattern[bytes], what: str) -> None:
        """Move past bytes of a known form."""
        found = pattern.match(self._wasm, self.at, self.end)
        if found is None:
            self.refuse(f"{what} that wasmlane cannot read")
        self.at = found.end()

    def close(self) -> None:
        """Make sure that the whole section has been read."""
        if self.at != self.end:
            self.refuse(f"{self.end - self.at} bytes are left over")
