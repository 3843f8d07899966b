"""Examples in Rhai itself: blocks in documentation and sample scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .model import Example, Origin, Prints, Runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FENCE = re.compile(r"\s*```(\w*)")
_COMMENT = re.compile(r"\s*//[/!] ?(.*)")
_PRINTS = re.compile(r"\s*print\(.*\);\s*// prints? (.*)")
_IMPORT = re.compile(r'\bimport\s+"(\w+)"')
_RHAI = frozenset({"rhai", "js", "javascript"})
_RUST = frozenset({"", "rust", "no_run", "rust,no_run"})
# Sample scripts time themselves; a script may define what is missing here.
CLOCK = "\nfn timestamp() { #{elapsed: 0.0} }\n"


def blocks(source: str, *, commented: bool) -> Iterator[tuple[int, str, str]]:
    """Give line, language and text of each fenced block of a page, or of a program's doc comments."""
    language: str | None = None
    start, block = 0, list[str]()
    for number, line in enumerate(source.split("\n"), 1):
        inside = _COMMENT.match(line) if commented else None
        if commented and not inside:
            language = None
            continue
        text = inside[1] if inside else line
        fence = _FENCE.match(text)
        if fence and language is not None:
            yield start, language, "\n".join(block)
            language = None
        elif fence:
            language, start, block = fence[1], number + 1, []
        elif language is not None:
            block.append(text)


def documented(source: str, origin: Origin, *, commented: bool) -> Iterator[Example]:
    """Read the blocks that are Rhai."""
    for line, language, text in blocks(source, commented=commented):
        if language in _RHAI:
            yield Example(Origin(origin.version, origin.path, line), text, _prints(text))


def rust_blocks(source: str, *, commented: bool) -> Iterator[tuple[int, str]]:
    """Give line and text of each block that is Rust, its hidden lines shown."""
    for line, language, text in blocks(source, commented=commented):
        if language in _RUST:
            yield line, re.sub(r"(?m)^\s*# ?(?!\[|!)", "", text)


def sample(path: Path, origin: Origin) -> Example:
    """Read a sample script, with the scripts that it imports."""
    text = path.read_text()
    libraries = {name: (path.parent / f"{name}.rhai").read_text() for name in _IMPORT.findall(text)}
    clock = CLOCK if "timestamp()" in text else ""
    return Example(origin, text + clock, Runs(), libraries=libraries)


def _prints(text: str) -> Prints | Runs:
    said = tuple(match[1] for line in text.split("\n") if (match := _PRINTS.match(line)))
    return Prints(said) if said else Runs()
