"""Where an item lies: `context/<chat>/<session>.<type>s.ndjson`, as a value, and how such a file is opened.

Everything in this room that meets a name of that folder calls it. Ids are checked here, no link is followed.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.errors.disk import BadPath
from neira.errors.input import BadId
from neira.parse import ids
from neira.parse.fields import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = ("annotation", "message", "note")  # in the order in which they are read
PLACE_KEYS = ("type", "chat_id", "session_id")  # what an item does not say of itself
HOST_KEYS = ("id", "seq", "ts", "plugin", "version", "actor", "event_id")  # what the host says of an item

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a FIFO must not hold the reader


@dataclass(frozen=True, slots=True)
class Place:
    """One file of items; ids that are none are refused."""

    chat: str
    session: str
    type: str

    def __post_init__(self) -> None:
        ids.chat_id(self.chat)
        ids.session_id(self.session)
        if self.type not in TYPES:
            raise BadId("type", seen(self.type), ", ".join(TYPES))

    @property
    def name(self) -> str:
        """Name the file in its chat's folder."""
        return f"{self.session}.{self.type}s.ndjson"

    def __str__(self) -> str:
        return f"{self.chat}/{self.name}"


def chat_of(name: str) -> str | None:
    """Read the name of a folder as a chat id, if it is one."""
    try:
        return ids.chat_id(name)
    except BadId:
        return None


def session_of(name: str) -> tuple[str, str] | None:
    """Read the name of a file as session and type, if it is one of ours."""
    for kind in TYPES:
        ending = f".{kind}s.ndjson"
        if name.endswith(ending):
            try:
                return ids.session_id(name.removesuffix(ending)), kind
            except BadId:
                return None
    return None


def opened(folder: int, name: str, shown: str, flags: int = 0) -> int | None:
    """Open a folder or a plain file that lies in a folder, itself and not where a link leads."""
    try:
        fd = os.open(name, _READ | flags, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(shown, error) from None
    if not flags and not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise BadPath(shown, "it is not a plain file")
    return fd


def unreadable(shown: str, error: OSError) -> BadPath:
    """Say of a path what the kernel said, without the path it said it about."""
    return BadPath(shown, error.strerror or "it cannot be read")


@contextmanager
def closed(fd: int) -> Iterator[int]:
    """Close a descriptor at the end."""
    try:
        yield fd
    finally:
        os.close(fd)
