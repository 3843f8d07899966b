"""Manifest text to a value with line numbers, whatever its syntax.

Called by the registry and by the CLI. The caller says which syntax it is, or else the first character does:
`{` begins JSON, all else is YAML. TOML is never guessed.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from neira.errors.input import BodyTooLarge
from neira.parse import strict_json, toml_text, yaml_events
from neira.parse.json_places import places
from neira.parse.placed import Document, PlainText, Steps

__all__ = ["Document", "PlainText", "Steps", "Syntax", "read"]

Syntax: TypeAlias = Literal["yaml", "json", "toml"]

LARGEST = 1_000_000


def read(raw: bytes, *, syntax: Syntax | None = None, limit: int = LARGEST) -> Document:
    """Read a manifest's text."""
    if len(raw) > limit:
        raise BodyTooLarge(limit, "the manifest")
    match syntax or _guess(raw):
        case "json":
            return _json(raw)
        case "toml":
            return toml_text.load(raw)
        case _:
            return yaml_events.load(raw)


def _guess(raw: bytes) -> Syntax:
    return "json" if raw.lstrip(b" \t\r\n").startswith(b"{") else "yaml"


def _json(raw: bytes) -> Document:
    value = strict_json.loads(raw)
    lines: dict[Steps, int] = {}

    def line_of(path: Steps) -> int | None:
        if not lines:  # asked for the first time: most documents have no mistake
            text = raw.decode("utf-8")
            line, behind = 1, 0
            for place, at in places(text):
                line, behind = line + text.count("\n", behind, at), at
                lines.setdefault(place, line)
        return lines.get(path)

    return Document(value, line_of)
