"""The key under which secrets in params are journaled: equal secrets look equal, and nobody reads them."""

from __future__ import annotations

import hashlib
import hmac
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.disk import DiskFailed

if TYPE_CHECKING:
    from pathlib import Path

    from neira.home import Home
    from neira.ports import Entropy

_FILE = "params.hmac"
_RAW = 32


@dataclass(frozen=True, slots=True)
class ParamKey:
    """Seals secrets."""

    _key: bytes

    def seal(self, secret: str) -> str:
        """Write what stands in the journal for a secret."""
        digest = hmac.new(self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return f"hmac-sha256:{digest.hexdigest()}"


def param_key(home: Home, entropy: Entropy) -> ParamKey:
    """Read the key of a home; the first who asks makes it."""
    path = home.private / "keys" / _FILE
    if not path.exists():
        _make(path, entropy)
    raw = path.read_bytes()
    if len(raw) != _RAW:
        raise DiskFailed(_FILE, "it is no key of ours")
    return ParamKey(raw)


def _make(path: Path, entropy: Entropy) -> None:
    """Put a whole key in place; of two who try at once, one wins and both read it."""
    draft = path.with_name(f".{_FILE}.{entropy.bytes(8).hex()}.tmp")
    disk.write_atomic(draft, entropy.bytes(_RAW), mode=0o600)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
