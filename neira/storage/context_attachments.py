"""Large parts of items: `context/<chat>/attachments/<sha256>`, each written once and named by its bytes.

`context_writer` and `context_removal` call it; whoever shows an item whole reads one with `attachment`.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.disk import BadPath
from neira.parse import ids
from neira.storage.context_places import closed, opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FOLDER = "attachments"
LARGEST = 64 << 20  # bytes that are read back; what an event may bring is far less

_NAMED = re.compile(rb'"attachment"\s*:\s*"([0-9a-f]{64})"')
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PIECE = 1 << 20
_DIGEST_LENGTH = 64


def attachment(context: Path, chat: str, digest: str) -> bytes:
    """Read a large part of an item: JSON, exactly as it was given, or BadPath."""
    name = f"{ids.chat_id(chat)}/{FOLDER}/{ids.digest(digest)}"
    data = disk.read_regular(context, name, limit=LARGEST)
    if hashlib.sha256(data).hexdigest() != digest:
        raise BadPath(name, "its bytes are not those of its name")
    return data


def keep(chat: int, parts: Mapping[str, bytes]) -> None:
    """Write attachments into the folder of a chat; once this returns they are certain."""
    with suppress(FileExistsError):
        os.mkdir(FOLDER, 0o700, dir_fd=chat)
        disk.sync(chat)
    folder = opened(chat, FOLDER, FOLDER, os.O_DIRECTORY)
    if folder is None:
        raise BadPath(FOLDER, "it does not exist")
    with closed(folder):
        for digest, data in parts.items():
            if not _is_kept(folder, digest, len(data)):
                _write(folder, digest, data)
        disk.sync(folder)


def named_in(raw: bytes) -> set[str]:
    """Name the attachments that a line speaks of."""
    return {found.decode() for found in _NAMED.findall(raw)}


def drop(chat: int, digests: Iterable[str], *, still_in: Iterable[int]) -> None:
    """Remove attachments of a chat, but those that some open file still names."""
    left = set(digests)
    for fd in still_in:
        left -= _mentioned(fd, left)
    if not left or (folder := opened(chat, FOLDER, FOLDER, os.O_DIRECTORY)) is None:
        return
    with closed(folder):
        for digest in left:
            with suppress(FileNotFoundError):
                os.unlink(digest, dir_fd=folder)
        disk.sync(folder)


def _is_kept(folder: int, digest: str, size: int) -> bool:
    try:
        found = opened(folder, digest, digest)
    except BadPath:
        return False  # whatever else bears the name gives way to the file
    if found is None:
        return False
    with closed(found):
        return os.fstat(found).st_size == size  # it came by a rename: whole, or not at all


def _write(folder: int, digest: str, data: bytes) -> None:
    temporary = f".{digest}.tmp"
    with closed(os.open(temporary, _NEW, 0o600, dir_fd=folder)) as fd:
        disk.write_whole(fd, data)
        disk.sync(fd)
    os.rename(temporary, digest, src_dir_fd=folder, dst_dir_fd=folder)


def _mentioned(fd: int, digests: set[str]) -> set[str]:
    """Look for digests in a whole file, in pieces that overlap."""
    found: set[str] = set()
    at, piece = 0, b""
    while len(found) < len(digests) and (more := os.pread(fd, _PIECE, at)):
        piece = piece[-_DIGEST_LENGTH:] + more
        found |= {digest for digest in digests if digest.encode() in piece}
        at += len(more)
    return found
