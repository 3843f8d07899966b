"""Where a plugin's bytes come from, and whether they can be what its kind says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from neira.errors.registry import BadArtifact, NoArtifact
from neira.model import Kind
from neira.parse import strict_json
from neira.registry import entry

if TYPE_CHECKING:
    from neira.changes.plan import Means
    from neira.registry.manifest import Manifest
    from neira.settings import Settings

_WASM = b"\0asm"
_CORE = _WASM + b"\x01\0\0\0"
_COMPONENT = _WASM + b"\x0d\0\x01\0"


@dataclass(frozen=True, slots=True)
class Found:
    """The bytes of a plugin, and whether they came with the request (and so belong at its entry too)."""

    data: bytes
    sent: bool


def find_bytes(manifest: Manifest, data: bytes | None, source: str | None, means: Means) -> Found:
    """Take the bytes from the one place that has them: the request, the manifest, or the file at `entry`."""
    inline = manifest.canonical.get("source")
    given = [data, source.encode() if source is not None else None, str(inline).encode() if inline else None]
    sent = [each for each in given if each is not None]
    if len(sent) > 1:
        raise NoArtifact(manifest.id, several=True)
    if sent:
        return Found(sent[0], sent=True)
    if manifest.entry is not None:
        return Found(
            entry.read(means.home.root, manifest.entry, limit=largest(manifest.kind, means.settings)),
            sent=False,
        )
    if manifest.kind is Kind.CONTAINER:  # an image or a command is named by the manifest alone
        return Found(strict_json.dumps(manifest.canonical).encode(), sent=False)
    raise NoArtifact(manifest.id)


def largest(kind: Kind, settings: Settings) -> int:
    """Say how many bytes a plugin of a kind may have."""
    return settings.limit.script_kb << 10 if kind is Kind.SCRIPT else settings.limit.artifact_mb << 20


def check_bytes(kind: Kind, data: bytes, settings: Settings) -> None:
    """Refuse bytes that are too many, or plainly of another kind; engines look closer."""
    most = largest(kind, settings)
    if len(data) > most:
        allowed = f"at most {most} bytes (settings limit.script_kb and limit.artifact_mb)"
        raise BadArtifact(f"has {len(data)} bytes", allowed)
    match kind:
        case Kind.SCRIPT:
            _check_text(data)
        case Kind.WASM:
            _check_wasm(data, _CORE, "a core module: a .wasm file, or WAT text")
        case Kind.COMPONENT:
            _check_wasm(data, _COMPONENT, "a component: a .wasm file, or WAT text")
        case Kind.CONTAINER:
            return
        case _:
            assert_never(kind)


def _check_text(data: bytes) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise BadArtifact("is not UTF-8 text", "the source of a Rhai script") from None
    if not text.strip() or "\0" in text:
        raise BadArtifact("is empty or holds zero bytes", "the source of a Rhai script")


def _check_wasm(data: bytes, start: bytes, allowed: str) -> None:
    if data.startswith(start) or data.lstrip().startswith(b"("):
        return
    raise BadArtifact("is neither WebAssembly of this kind nor WAT text", allowed)
