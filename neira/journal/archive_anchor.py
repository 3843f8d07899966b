"""The signed anchor of an archived journal: which record the part that is left continues.

`archive` writes it, the pen and `verify` start from it. It stands apart so that the writing end needs
nothing of archiving.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from neira import disk
from neira.journal.record import FORMAT, GENESIS, Tail, timestamp
from neira.model import Seq

if TYPE_CHECKING:
    from pathlib import Path

    from neira.journal.keys import PublicKeys, SigningKey

FILE = "anchor.json"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last archived record, its segment, and the snapshot that stands for all before."""

    segment: int
    seq: Seq
    hash: str
    ts: datetime
    snapshot: Seq
    key: str = ""
    sig: bytes = b""

    def is_signed_by(self, keys: PublicKeys) -> bool:
        """Tell whether one of the home's keys made it."""
        return keys.confirm(self.key, self.sig, _body(self, self.key))


def write(folder: Path, anchor: Anchor, key: SigningKey) -> None:
    """Sign an anchor and put it in the place of the former one."""
    body = _body(anchor, key.id)
    sig = base64.b64encode(key.sign(body))
    disk.write_atomic(folder / FILE, body[:-1] + b',"sig":"' + sig + b'"}\n')


def read(folder: Path) -> Anchor | None:
    """Read the anchor; none if nothing was archived, or if the file is none."""
    try:
        found = json.loads((folder / FILE).read_bytes())
        return Anchor(
            segment=int(found["archived"]),
            seq=Seq(int(found["seq"])),
            hash=str(found["hash"]),
            ts=datetime.fromisoformat(found["ts"]),
            snapshot=Seq(int(found["snapshot"])),
            key=str(found["key"]),
            sig=base64.b64decode(found["sig"], validate=True),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def tail(folder: Path) -> Tail:
    """Return what the first record that is left continues."""
    anchor = read(folder)
    return GENESIS if anchor is None else Tail(anchor.seq, anchor.hash, anchor.ts)


def _body(anchor: Anchor, key: str) -> bytes:
    return (
        f'{{"format":{FORMAT},"archived":{anchor.segment},"seq":{anchor.seq},"hash":"{anchor.hash}",'
        f'"ts":"{timestamp(anchor.ts)}","snapshot":{anchor.snapshot},"key":"{key}"}}'
    ).encode()
