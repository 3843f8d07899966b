"""Stand-in until the manifest reader is whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from neira.parse import ids, semver, strict_json


@dataclass(frozen=True)
class Manifest:
    """Stand-in."""

    id: Any
    version: Any
    entry: Any


@dataclass(frozen=True)
class Reading:
    """Stand-in."""

    manifest: Manifest
    canonical: Any
    notes: tuple[str, ...] = ()


class ManifestReader:
    """Stand-in."""

    def __init__(self, parse: Any) -> None:
        self._parse = parse

    def read(self, document: Any) -> tuple[Reading, ...]:
        """Read."""
        value = dict(document.value)
        value.setdefault("kind", "script")
        if isinstance(value.get("permissions"), dict):
            value["permissions"] = [f"storage:{s}" for s in value["permissions"]["scopes"]]
        value = strict_json.loads(strict_json.dumps(value).encode())
        manifest = Manifest(ids.plugin_id(value["id"]), semver.parse(value["version"]), value.get("entry"))
        return (Reading(manifest, value),)


def manifest_digest(canonical: Any) -> Any:
    """Digest."""
    return hashlib.sha256(strict_json.dumps(canonical).encode()).hexdigest()
