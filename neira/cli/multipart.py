"""A multipart/form-data body, written by hand: few lines, and the same bytes whichever way they go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a request: a file, or without a file name a field of a form."""

    data: bytes
    filename: str | None = None
    kind: str = "application/octet-stream"

    def head(self, name: str) -> str:
        """Write the headers of the part."""
        if self.filename is None:
            return f'Content-Disposition: form-data; name="{name}"'
        place = f'Content-Disposition: form-data; name="{name}"; filename="{_safe(self.filename)}"'
        return f"{place}\r\nContent-Type: {self.kind}"


def field(text: str) -> Part:
    """Make a field of a form."""
    return Part(text.encode())


def encode(parts: Mapping[str, Part]) -> tuple[bytes, str]:
    """Write the parts with a boundary that none of them holds; return the body and its content type."""
    boundary = _boundary(parts)
    pieces = []
    for name, part in parts.items():
        pieces += [f"--{boundary}\r\n{part.head(name)}\r\n\r\n".encode(), part.data, b"\r\n"]
    return b"".join([*pieces, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def _boundary(parts: Mapping[str, Part]) -> str:
    digest = hashlib.sha256(b"\0".join(part.data for part in parts.values()))
    while any(digest.hexdigest()[:32].encode() in part.data for part in parts.values()):
        digest.update(b"again")
    return digest.hexdigest()[:32]


def _safe(name: str) -> str:
    return "".join(
        char if char.isascii() and char.isprintable() and char not in '"\\' else "_" for char in name
    )
