"""Manifests as files, good ones and refused ones, for the tests of the reader and of its documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from neira import __version__
from neira.parse import document
from neira.permissions.permission import parse
from neira.registry.reading import ManifestReader

if TYPE_CHECKING:
    from neira.parse.document import Syntax
    from neira.registry.reading import Reading

HERE = Path(__file__).resolve().parent
EXPECT = ".expect.json"


def good() -> list[Path]:
    """List the manifests that may be registered."""
    return _cases("manifests")


def refused() -> list[Path]:
    """List the manifests that may not, each named after its flaw."""
    return _cases("refused")


def read(file: Path) -> tuple[Reading, ...]:
    """Read a file in the syntax that its name says."""
    return read_text(file.read_bytes(), cast("Syntax", file.suffix.removeprefix(".")))


def read_text(text: bytes | str, syntax: Syntax = "yaml") -> tuple[Reading, ...]:
    """Read a manifest's text."""
    raw = text.encode() if isinstance(text, str) else text
    return ManifestReader(parse, own_version=__version__).read(document.read(raw, syntax=syntax))


def expected(file: Path) -> Any:
    """Read what stands beside a case."""
    beside = file.with_name(file.stem + EXPECT)
    return json.loads(beside.read_text(encoding="utf-8"))


def _cases(folder: str) -> list[Path]:
    return sorted(file for file in (HERE / folder).iterdir() if not file.name.endswith(EXPECT))
