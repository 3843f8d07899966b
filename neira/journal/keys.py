"""The Ed25519 key that signs checkpoints: made at `neira init`, read by who opens or verifies a journal."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from neira import disk
from neira.errors.journal import JournalKeyMissing
from neira.home import Home

if TYPE_CHECKING:
    from pathlib import Path

    from neira.ports import Entropy

_PRIVATE, _PUBLIC = "journal.ed25519", "journal.pub"
_RAW = 32


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private half, with the id under which verifiers find the public one."""

    id: str
    _key: Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        """Sign bytes."""
        return self._key.sign(data)


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The public keys of a home by id: today's and those of before."""

    _keys: dict[str, Ed25519PublicKey]

    def confirm(self, key: str, signature: bytes, data: bytes) -> bool:
        """Tell whether a known key made this signature."""
        known = self._keys.get(key)
        if known is None:
            return False
        try:
            known.verify(signature, data)
        except InvalidSignature:
            return False
        return True


def make(home: Path, entropy: Entropy) -> str:
    """Make the key of a new home and return its id; a home that has one keeps it."""
    folder = _folder(home)
    if (folder / _PRIVATE).exists():
        return signing(home).id
    folder.mkdir(parents=True, exist_ok=True)
    raw = entropy.bytes(_RAW)
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    disk.write_atomic(folder / _PUBLIC, public)
    disk.write_atomic(folder / _PRIVATE, raw, mode=0o600)
    return key_id(public)


def signing(home: Path) -> SigningKey:
    """Read the private key."""
    raw = _raw(_folder(home) / _PRIVATE)
    if raw is None:
        raise JournalKeyMissing(_PRIVATE)
    key = Ed25519PrivateKey.from_private_bytes(raw)
    return SigningKey(key_id(key.public_key().public_bytes_raw()), key)


def public(home: Path) -> PublicKeys:
    """Read every public key, `journal.pub` and `journal-<anything>.pub` of earlier ones."""
    found = (_raw(file) for file in sorted(_folder(home).glob("journal*.pub")))
    return PublicKeys({key_id(raw): Ed25519PublicKey.from_public_bytes(raw) for raw in found if raw})


def key_id(public_raw: bytes) -> str:
    """Name a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public_raw).hexdigest()[:16]


def _folder(home: Path) -> Path:
    return Home(home).private / "keys"


def _raw(file: Path) -> bytes | None:
    try:
        raw = file.read_bytes()
    except OSError:
        return None
    return raw if len(raw) == _RAW else None
