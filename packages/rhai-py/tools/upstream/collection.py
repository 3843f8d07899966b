"""All examples of one release of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import rust_examples, script_examples
from .model import Example, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def examples(folder: Path, version: str) -> Iterator[Example]:
    """Read documentation, tests and sample scripts below a folder."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        origin = Origin(version, name, 1)
        if name.startswith("tests/") and path.suffix == ".rs":
            yield from rust_examples.examples(path.read_text(), origin)
        elif path.suffix == ".rs" or path.name.endswith(".d.rhai"):
            yield from _documentation(path.read_text(), origin, commented=True)
        elif path.suffix == ".md":
            yield from _documentation(path.read_text(), origin, commented=False)
        elif path.suffix == ".rhai":
            yield script_examples.sample(path, origin)


def _documentation(source: str, origin: Origin, *, commented: bool) -> Iterator[Example]:
    yield from script_examples.documented(source, origin, commented=commented)
    for line, text in script_examples.rust_blocks(source, commented=commented):
        yield from rust_examples.examples(text, Origin(origin.version, origin.path, line))
