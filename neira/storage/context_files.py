"""What plugins saved for chats, line by line: `context/<chat>/<session>.{annotations,messages,notes}.ndjson`.

`context_search`, the index and `neira.facts` call it. The order is that of chat, session, type, then of the
file, so the oldest stand first. Anybody may have put anything there: no link is followed, only plain files
are read, and what cannot be is a step with a flaw. Memory is bounded by a line and some names.
"""

from __future__ import annotations

import heapq
import os
import re
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, TypeAlias

from neira.errors.change import BadCursor
from neira.errors.disk import BadPath
from neira.errors.input import BadJson
from neira.parse import ids, strict_json
from neira.storage.context_places import TYPES, chat_of, closed, opened, session_of, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from neira.model import JsonObject

LONGEST_LINE = 1 << 20  # bytes; a longer one is passed over
OPENING = 4096  # bytes of reading that opening one file or folder counts as
_LISTED = 1000  # names of a folder held at once

_POSITION = re.compile(r"([^/]*)/([^/]*)/(annotation|message|note|)/([0-9]{1,18})")
_Name: TypeAlias = tuple[str, ...]
_Read: TypeAlias = "Callable[[IO[bytes], Position], Iterator[Step]]"


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading goes on: at a byte of a session's file, or at the beginning of whatever is empty."""

    chat: str = ""
    session: str = ""
    type: str = ""
    offset: int = 0

    @classmethod
    def read(cls, text: str) -> Position:
        """Read a position as `str` wrote it."""
        found = _POSITION.fullmatch(text)
        if found is None:
            raise BadCursor
        chat, session, kind, offset = found.groups()
        return cls(chat, session, kind, int(offset))

    def __str__(self) -> str:
        return f"{self.chat}/{self.session}/{self.type}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files to read; ids that are none are refused."""

    chat: str | None = None
    session: str | None = None
    type: str | None = None

    def __post_init__(self) -> None:
        if self.chat is not None:
            ids.chat_id(self.chat)
        if self.session is not None:
            ids.session_id(self.session)

    @property
    def types(self) -> tuple[str, ...]:
        """Name the types to read."""
        return tuple(each for each in TYPES if self.type in {None, each})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of reading: where the next begins, what it cost in bytes, and what it came to."""

    behind: Position
    cost: int
    item: JsonObject | None = None
    flaw: BadPath | bool = False


def steps(context: Path, wanted: Wanted, start: Position) -> Iterator[Step]:
    """Read all that is wanted from a position on."""
    return _steps(context, wanted, start, lines)


def steps_at(context: Path, file: Position, offsets: Iterable[int]) -> Iterator[Step]:
    """Read some lines of one file, each at the byte where it begins; where none begins, nothing is read."""
    wanted = Wanted(file.chat, file.session, file.type)
    return _steps(context, wanted, file, partial(_lines_at, offsets))


def _steps(context: Path, wanted: Wanted, start: Position, read: _Read) -> Iterator[Step]:
    try:
        root = os.open(context, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        yield Step(start, 0, flaw=unreadable(context.name, error))
        return
    with closed(root):
        chats = [(wanted.chat,)] if wanted.chat is not None else _names(root, _chat_name, (start.chat,))
        for (chat,) in chats:
            if chat >= start.chat:
                yield from _chat(root, wanted, start if chat == start.chat else Position(chat), read)


def _chat(root: int, wanted: Wanted, start: Position, read: _Read) -> Iterator[Step]:
    """Read the sessions of one chat."""
    yield Step(start, OPENING)
    try:
        folder = opened(root, start.chat, start.chat, os.O_DIRECTORY)
    except BadPath as flaw:
        yield Step(start, 0, flaw=flaw)
        return
    if folder is None:
        return
    with closed(folder):
        for session, kind in _files(folder, wanted, start):
            here = (session, kind) == (start.session, start.type)
            yield from _file(folder, start if here else Position(start.chat, session, kind), read)


def _files(folder: int, wanted: Wanted, start: Position) -> Iterator[_Name]:
    """Name the files of a chat that are wanted, from a position on."""
    first = (start.session, start.type)
    if wanted.session is None:
        found = _names(folder, session_of, first)
    else:
        found = ((wanted.session, kind) for kind in TYPES if (wanted.session, kind) >= first)
    return (name for name in found if name[1] in wanted.types)


def _file(folder: int, start: Position, read: _Read) -> Iterator[Step]:
    """Read one file."""
    name = f"{start.session}.{start.type}s.ndjson"
    yield Step(start, OPENING)
    try:
        fd = opened(folder, name, f"{start.chat}/{name}")
    except BadPath as flaw:
        yield Step(start, 0, flaw=flaw)
        return
    if fd is None:
        return
    with os.fdopen(fd, "rb") as file:
        try:
            yield from read(file, start)
        except OSError as error:
            yield Step(start, 0, flaw=unreadable(f"{start.chat}/{name}", error))


def lines(file: IO[bytes], start: Position) -> Iterator[Step]:
    """Read lines from a byte on; the rest of a line, and one that is too long, pass by in pieces."""
    at = max(0, start.offset - 1)  # one byte back: it shows whether the offset is where a line begins
    within = start.offset > 0
    file.seek(at)
    while piece := file.readline(LONGEST_LINE + 1):
        at += len(piece)
        behind = Position(start.chat, start.session, start.type, at)
        ended = piece.endswith(b"\n")
        too_long = len(piece) > LONGEST_LINE and not ended
        if within or not (too_long or piece.strip()):
            yield Step(behind, len(piece))
        else:
            item = None if too_long else _item(piece)
            yield Step(behind, len(piece), _placed(item, start), flaw=item is None)
        within = not ended


def _lines_at(offsets: Iterable[int], file: IO[bytes], start: Position) -> Iterator[Step]:
    for offset in offsets:
        for step in lines(file, Position(start.chat, start.session, start.type, offset)):
            begin = step.behind.offset - step.cost
            if begin > offset:
                break  # no line begins where one did: the file is another by now
            yield step
            if begin == offset:
                break


def _item(line: bytes) -> JsonObject | None:
    try:
        found = strict_json.loads(line)
    except BadJson:
        return None
    return found if isinstance(found, dict) else None


def _placed(item: JsonObject | None, place: Position) -> JsonObject | None:
    """Say of an item where it stands; what it says of that itself does not count."""
    if item is None:
        return None
    known = {"type": place.type, "chat_id": place.chat, "session_id": place.session}
    return {**known, **item, **known}


def _names(folder: int, read: Callable[[str], _Name | None], first: _Name) -> Iterator[_Name]:
    """Name what a folder holds, in order from a name on, however much that is."""
    last: _Name | None = None
    while True:
        with os.scandir(folder) as entries:
            names = (name for entry in entries if (name := read(entry.name)) is not None and name >= first)
            batch = heapq.nsmallest(_LISTED, (name for name in names if last is None or name > last))
        yield from batch
        if len(batch) < _LISTED:
            return
        last = batch[-1]


def _chat_name(name: str) -> _Name | None:
    chat = chat_of(name)
    return None if chat is None else (chat,)
