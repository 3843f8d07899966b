"""Signed statements about how far the journal goes, so that a cut or rewritten tail shows.

`journal/checkpoints.ndjson` holds lines of 512 bytes, padded with spaces: one sector, never half written. The
last one always names the end of the journal and is rewritten in place, until it is kept as a milestone. A
commit in progress is announced in it by `next`: the journal may then end at `seq` or at `next`, whole.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from neira import disk
from neira.journal.record import FORMAT, Tail, timestamp
from neira.model import Seq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neira.journal.keys import PublicKeys, SigningKey

FILE = "checkpoints.ndjson"
SLOT = 512
EVERY = 1_000  # records between two milestones

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Announced:
    """The end that the journal will have when the commit in progress is on disk."""

    seq: Seq
    root: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The end of the journal at one moment: number and hash of the last record on disk."""

    seq: Seq
    root: str
    ts: datetime
    next: Announced | None
    milestone: bool
    key: str
    sig: bytes
    signed: bytes

    def is_signed_by(self, keys: PublicKeys) -> bool:
        """Tell whether one of the home's keys made it."""
        return keys.confirm(self.key, self.sig, self.signed)


def parse(slot: bytes) -> Checkpoint | None:
    """Read one line; none if it is torn or was never a checkpoint."""
    head, mark, _ = slot.partition(b',"sig":"')
    try:
        found = json.loads(slot)
        coming = found.get("next")
        return Checkpoint(
            seq=Seq(int(found["seq"])),
            root=str(found["root"]),
            ts=datetime.fromisoformat(found["ts"]),
            next=None if coming is None else Announced(Seq(int(coming["seq"])), str(coming["root"])),
            milestone=bool(found.get("milestone", False)),
            key=str(found["key"]),
            sig=base64.b64decode(found["sig"], validate=True),
            signed=head + b"}" if mark else b"",
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        return None


def read_all(folder: Path) -> Iterator[Checkpoint | None]:
    """Read every line, oldest first; one that is no checkpoint is None."""
    try:
        file = (folder / FILE).open("rb")
    except FileNotFoundError:
        return
    with file:
        while slot := file.read(SLOT):
            yield parse(slot)


def last(folder: Path) -> tuple[int, Checkpoint | None]:
    """Return the place and content of the last line that can be read."""
    try:
        fd = os.open(folder / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0, None
    try:
        return _last(fd)
    finally:
        os.close(fd)


def line(tail: Tail, at: datetime, key: SigningKey, *, coming: Tail | None, milestone: bool) -> bytes:
    """Write and sign one line."""
    coming_text = "" if coming is None else f',"next":{{"seq":{coming.seq},"root":"{coming.hash}"}}'
    kept = ',"milestone":true' if milestone else ""
    body = (
        f'{{"format":{FORMAT},"seq":{tail.seq},"root":"{tail.hash}","ts":"{timestamp(at)}"'
        f'{coming_text}{kept},"key":"{key.id}"'
    )
    sig = base64.b64encode(key.sign(f"{body}}}".encode())).decode()
    return f'{body},"sig":"{sig}"}}'.encode().ljust(SLOT - 1) + b"\n"


class LastPoint:
    """The last line for those who do not write: read each time, parsed when it has changed."""

    def __init__(self, folder: Path) -> None:
        self._path = os.fspath(folder / FILE)
        self._parsed: tuple[bytes, Checkpoint | None] = b"", None

    def read(self) -> Checkpoint | None:
        """Return what the last line that can be read says; none if there is none."""
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            slot = _stable(fd, max(0, os.fstat(fd).st_size // SLOT - 1) * SLOT)
            known, point = self._parsed
            if slot != known:
                point = parse(slot)
                if point is None:
                    return _last(fd)[1]
                self._parsed = slot, point
        finally:
            os.close(fd)
        return point


class CheckpointPen:
    """The writing end, used under the journal's lock alone.

    It remembers the bytes it wrote or read last: while they stand there, nobody else has written.
    """

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self._folder = folder
        self._key = key
        self._fd: int | None = None
        self._place = 0
        self._kept = False  # the line at this place is a milestone: the next one goes behind it
        self._known = b""  # everything from this place to the end of the file; empty if that is unknown
        self._point: tuple[bytes, Checkpoint | None] = b"", None  # what such bytes say

    @property
    def is_as_left(self) -> bool:
        """Tell whether the end of the file is what this pen wrote or read there last."""
        return self._fd is not None and self._known != b"" and self._found(self._fd) == self._known

    def last(self) -> Checkpoint | None:
        """Read the last line, which another process may have written."""
        if not self.is_as_left:
            return self._look()
        if self._point[0] != self._known:
            self._point = self._known, parse(self._known[:SLOT])
        return self._point[1]

    def announce(self, tail: Tail, coming: Tail, at: datetime) -> None:
        """Say which end a commit is going to make."""
        if self._kept:
            self._place, self._kept = self._place + 1, False
        self._write(line(tail, at, self._key, coming=coming, milestone=False))

    def settle(self, tail: Tail, at: datetime, *, milestone: bool) -> None:
        """Say where the journal ends now; a milestone stays for ever and is confirmed by the disk."""
        fd = self._write(line(tail, at, self._key, coming=None, milestone=milestone))
        self._kept = milestone
        if milestone:
            disk.sync(fd)

    def reuse(self) -> None:
        """Let the next line take the place of the last, milestone or not: what it names is gone."""
        self._kept = False

    def close(self) -> None:
        """Let go of the file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _look(self) -> Checkpoint | None:
        """Find the last line anew."""
        self._place, found = last(self._folder) if self._fd is None else _last(self._fd)
        self._kept = found is not None and found.milestone
        self._known = b"" if self._fd is None else self._found(self._fd)
        self._point = self._known, found
        return found

    def _found(self, fd: int) -> bytes:
        return os.pread(fd, 2 * SLOT, self._place * SLOT)  # a second line would be another process's

    def _write(self, slot: bytes) -> int:
        if self._fd is None:
            self._fd = os.open(self._folder / FILE, _FLAGS, 0o644)
        self._known = b""
        disk.write_at(self._fd, slot, self._place * SLOT)
        self._known = slot
        return self._fd


def _last(fd: int) -> tuple[int, Checkpoint | None]:
    for place in reversed(range(max(0, os.fstat(fd).st_size // SLOT))):
        found = parse(_stable(fd, place * SLOT))
        if found is not None:
            return place, found
    return 0, None


def _stable(fd: int, offset: int) -> bytes:
    """Read a line that a writer may be replacing: twice the same is whole."""
    former, slot = b"", os.pread(fd, SLOT, offset)
    while slot != former:
        former, slot = slot, os.pread(fd, SLOT, offset)
    return slot
