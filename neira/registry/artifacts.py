"""The store: exact bytes by their SHA-256, written once, verified whenever they are read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.disk import BadPath
from neira.errors.registry import ArtifactMissing, DigestMismatch
from neira.model import Digest

if TYPE_CHECKING:
    from pathlib import Path

STORE = "plugins/store"
_LARGEST = 1 << 31


def digest_of(data: bytes) -> Digest:
    """Name bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


class ArtifactStore:
    """The artifacts of one home."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def put(self, data: bytes) -> Digest:
        """Keep bytes durably; bytes that are there and sound already are left alone."""
        digest = digest_of(data)
        try:
            self.get(digest)
        except (ArtifactMissing, DigestMismatch):
            folder = self._home / STORE / digest[:2]
            if folder.is_symlink():
                raise BadPath(f"{STORE}/{digest[:2]}", "it is a link") from None
            folder.mkdir(exist_ok=True)
            disk.sync_dir(folder.parent)
            disk.write_atomic(folder / digest, data)
        return digest

    def get(self, digest: Digest) -> bytes:
        """Read bytes and check that they are still the ones of that name."""
        try:
            data = disk.read_regular(self._home, f"{STORE}/{digest[:2]}/{digest}", limit=_LARGEST)
        except (BadPath, OSError):
            raise ArtifactMissing(digest) from None
        found = digest_of(data)
        if found != digest:
            raise DigestMismatch(digest, found)
        return data
