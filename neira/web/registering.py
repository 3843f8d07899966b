"""What `POST /plugins` takes: a manifest with source text as JSON, or with a file as parts of a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import marshmallow as ma
from marshmallow import fields

from neira.parse import document
from neira.parse.document import Document, Syntax
from neira.web.schemas.fields import Schema, Text, Truth, WrittenTruth

if TYPE_CHECKING:
    from neira.model import Json
    from neira.web.strict import Part

_BY_ENDING: dict[str, Syntax] = {".toml": "toml", ".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_BY_MEDIA: dict[str, Syntax] = {
    "application/toml": "toml",
    "application/json": "json",
    "application/yaml": "yaml",
}
_SYNTAXES = ("yaml", "json", "toml")
_WHY = "Why; kept in the journal."


@dataclass(frozen=True, slots=True)
class Registering:
    """A manifest and, unless its `entry` lies in the home already, the bytes that go with it."""

    manifest: Document
    source: str | None = None
    file: bytes | None = None
    enable: bool = False
    why: str = ""


class RegistrationParts(Schema):
    """A plugin as parts of a form."""

    of_parts = True
    manifest = fields.Raw(
        required=True,
        metadata={"description": "The manifest, as YAML, JSON or TOML.", "type": "string"},
    )
    file = fields.Raw(metadata={"description": "The artifact.", "type": "string", "format": "binary"})
    enable = WrittenTruth(metadata={"description": "Switch it on as well, if that is allowed."})
    why = Text(_WHY)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Registering:
        manifest: Part = data.pop("manifest")
        file: Part | None = data.pop("file", None)
        if file is not None and file.filename is None:
            raise ma.ValidationError("a part with a file name: text may lose bytes on its way", "file")
        bytes_of_file = None if file is None else file.data
        return Registering(document.read(manifest.data, syntax=_syntax(manifest)), file=bytes_of_file, **data)


class RegistrationBody(Schema):
    """A plugin as JSON."""

    in_parts = RegistrationParts
    manifest = fields.Raw(
        required=True,
        metadata={"description": "The manifest: an object, or its text.", "type": ["object", "string"]},
    )
    syntax = fields.String(
        validate=ma.validate.OneOf(_SYNTAXES),
        metadata={"description": "What the text is written in; TOML is never guessed."},
    )
    source = Text("Rhai or WAT text.", most=16 << 20)
    enable = Truth(metadata={"description": "Switch it on as well, if that is allowed."})
    why = Text(_WHY)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Registering:
        found = _document(data.pop("manifest"), data.pop("syntax", None))
        return Registering(found, **data)


def _document(manifest: Json, syntax: Syntax | None) -> Document:
    if isinstance(manifest, str):
        return document.read(manifest.encode(), syntax=syntax)
    if isinstance(manifest, dict):
        return Document(manifest, lambda _: None)
    raise ma.ValidationError("an object, or the text of a manifest", "manifest")


def _syntax(part: Part) -> Syntax | None:
    """Tell the syntax of a part by its file name or its type; without either the text itself tells."""
    ending = "." + (part.filename or "").rpartition(".")[2].lower()
    return _BY_ENDING.get(ending) or _BY_MEDIA.get(part.media)
