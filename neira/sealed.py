"""JSON files that the program alone writes: whole or refused, with a digest over their own bytes.

`plugins/index.json`, `capabilities/state.json` and the token list are projections of the journal kept in
this form: `{"format", "seq", "head", …, "sha256"}`. A file that somebody edited, cut or lost is recognised
and its fault named; the journal then says what is true.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira import disk
from neira.home import FORMAT
from neira.model import JsonObject, Seq

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SEAL = b',"sha256":"'
_END = b'"}\n'
_SEAL_BYTES = len(_SEAL) + 64 + len(_END)


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a sealed file cannot be believed."""

    why: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a sealed file says, and up to which record."""

    seq: Seq
    head: str
    body: JsonObject


def write(path: Path, seq: Seq, head: str, body: Iterable[tuple[str, str]], *, mode: int = 0o644) -> None:
    """Replace a sealed file atomically; the body comes as keys with their JSON text."""
    start = f'{{"format":{FORMAT},"seq":{seq},"head":"{head}"'
    text = start + "".join(f',\n"{key}":{value}' for key, value in body)
    raw = text.encode()
    seal = hashlib.sha256(raw).hexdigest().encode()
    disk.write_atomic(path, raw + _SEAL + seal + _END, mode=mode)


def read(path: Path) -> Sealed | Broken:
    """Read a sealed file, or say what is wrong with it."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Broken("missing")
    except OSError as error:
        return Broken(f"unreadable ({error.strerror})")
    if len(raw) < _SEAL_BYTES or not raw.endswith(_END) or raw[-_SEAL_BYTES:][: len(_SEAL)] != _SEAL:
        return Broken("truncated, or not written by Neira")
    content, seal = raw[:-_SEAL_BYTES], raw[-len(_END) - 64 : -len(_END)]
    if hashlib.sha256(content).hexdigest().encode() != seal:
        return Broken("edited by hand or damaged: its digest does not fit")
    body = json.loads(raw)  # our own bytes, whole: the digest fits
    if body["format"] > FORMAT:
        return Broken(f"of the newer format {body['format']}")
    return Sealed(Seq(body["seq"]), body["head"], body)
