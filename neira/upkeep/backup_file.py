"""The file format of a backup: a tar.gz of plain files, with a card as its last member.

The card names every file with its SHA-256, so that a cut or altered archive is found. What is read here comes
from outside: only plain files, below known folders, each once, and never more than the disk takes.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tarfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from neira.errors.home import BadBackup, NewerFormat
from neira.errors.input import BadJson
from neira.parse import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from neira.model import Json
    from neira.upkeep.finding import Progress

FORMAT = 1
CARD = "neira-backup.json"
SINGLE = frozenset(
    {"neira.toml", "SAFE_MODE", ".neira/home.json", ".neira/tokens.json", ".neira/safe-mode.json"}
)
FOLDERS = ("plugins/", "capabilities/", "journal/", "context/", ".neira/keys/")
MOST_FILES = 2_000_000
LARGEST_CARD = 512 * 1024 * 1024  # bytes; a card has about a hundred for each file
DEEPEST = 16  # folders
_PIECE = 1024 * 1024
_SPARE = 64 * 1024 * 1024  # bytes that a restore leaves free on the disk
_UGLY = re.compile(r"[\\\x00-\x1f\x7f]")
_BROKEN = (tarfile.TarError, zlib.error, EOFError, OSError, UnicodeError, ValueError)


@dataclass(frozen=True, slots=True)
class Card:
    """What a backup says of itself."""

    created: str
    seq: int
    head: str
    files: Mapping[str, str]  # digests by name

    def as_json(self) -> Json:
        """Write the card as it stands in the archive."""
        facts: dict[str, Json] = {"created": self.created, "seq": self.seq, "head": self.head}
        return {"format": FORMAT, **facts, "files": self.files}


class Packer:
    """The writing end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=6)  # noqa: SIM115 - closed in `finish`
        self.files: dict[str, str] = {}

    def add(self, name: str, source: IO[bytes], size: int, *, mtime: float = 0) -> None:
        """Write the first bytes of a file; fewer than promised are an OSError."""
        head = tarfile.TarInfo(name)
        head.size, head.mode, head.mtime = size, 0o600, int(mtime)
        through = _Digesting(source)
        self._tar.addfile(head, through)
        self.files[name] = through.digest.hexdigest()

    def finish(self, *, created: str, seq: int, head: str) -> Card:
        """Write the card and close the archive."""
        card = Card(created, seq, head, self.files)
        raw = strict_json.dumps(card.as_json()).encode()
        info = tarfile.TarInfo(CARD)
        info.size, info.mode = len(raw), 0o600
        self._tar.addfile(info, io.BytesIO(raw))
        self._tar.close()
        return card


def unpack(file: Path, root: Path, progress: Progress) -> Card:
    """Write the files of an archive below an empty folder, or refuse the archive with the reason."""
    try:
        with file.open("rb") as raw, tarfile.open(fileobj=raw, mode="r:gz") as tar:
            return _unpack(tar, root, progress)
    except _BROKEN as error:
        raise BadBackup(f"it cannot be read ({type(error).__name__})") from error


def _unpack(tar: tarfile.TarFile, root: Path, progress: Progress) -> Card:
    found: dict[str, str] = {}
    card: Card | None = None
    for number, member in enumerate(_members(tar)):
        source = tar.extractfile(member)
        assert source is not None  # it is a plain file
        if card is not None:
            raise BadBackup("something stands behind its card")
        if member.name == CARD:
            card = _card(source, member.size)
        else:
            found[member.name] = _write(source, member, root, found)
        progress(number, 0)
    if card is None:
        raise BadBackup("it ends before its card: it was cut off, or is no backup of Neira")
    if card.files != found:
        raise BadBackup("its files are not those that its card names")
    return card


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for number, member in enumerate(tar):
        if number > MOST_FILES:
            raise BadBackup(f"it holds more than {MOST_FILES} files")
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
            raise BadBackup("it holds something that is not a plain file")
        yield member


def _write(source: IO[bytes], member: tarfile.TarInfo, root: Path, found: Mapping[str, str]) -> str:
    """Write one file that is not there yet; nothing but plain folders and files of ours lies on the way."""
    name = member.name
    if not is_ours(name):
        raise BadBackup("it holds a name that no home has")
    if name in found:
        raise BadBackup("it holds one name twice")
    if member.size + _SPARE > shutil.disk_usage(root).free:
        raise BadBackup("it is larger than what is free on the disk")
    target = root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o600 if name.startswith((".neira/", "journal/")) else 0o644
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    through = _Digesting(source)
    with os.fdopen(fd, "wb") as file:
        shutil.copyfileobj(through, file, _PIECE)
    return through.digest.hexdigest()


def is_ours(name: str) -> bool:
    """Tell whether a member may lie in a home: a plain relative path below a known folder."""
    parts = name.split("/")
    if _UGLY.search(name) or len(parts) > DEEPEST or any(part in {"", ".", ".."} for part in parts):
        return False
    return name in SINGLE or name.startswith(FOLDERS)


def _card(source: IO[bytes], size: int) -> Card:
    if size > LARGEST_CARD:
        raise BadBackup("its card is too large")
    try:
        found = strict_json.loads(source.read())
    except BadJson as error:
        raise BadBackup("its card is not JSON") from error
    if not isinstance(found, dict) or not isinstance(files := found.get("files"), dict):
        raise BadBackup("its card is not one of ours")
    number, seq = found.get("format"), found.get("seq")
    if not isinstance(number, int) or number > FORMAT:
        raise NewerFormat(str(number), FORMAT)
    if not isinstance(seq, int):
        raise BadBackup("its card is not one of ours")
    digests = {name: str(digest) for name, digest in files.items()}
    return Card(str(found.get("created")), seq, str(found.get("head")), digests)


class _Digesting:
    """A file that is digested while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, count: int = -1) -> bytes:
        """Read on."""
        data = self._source.read(count)
        self.digest.update(data)
        return data
