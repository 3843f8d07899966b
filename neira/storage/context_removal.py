"""Taking items out of the files of one chat, so that a repetition finishes what a crash left.

`context_writer` calls it. First the rest of each file is written beside it, then the attachments that nobody
else names are removed, then the files are replaced: until that last step the items are there to be found.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.input import BadJson
from neira.parse import strict_json
from neira.storage import context_attachments as attachments
from neira.storage.context_files import LONGEST_LINE
from neira.storage.context_places import TYPES, Place, closed, opened, session_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NEW = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Cut:
    """What leaves one file: how many items, where they stand in it, and which attachments they name."""

    place: Place
    count: int
    spans: tuple[tuple[int, int], ...] | None  # None: the whole file goes
    digests: frozenset[str]

    @property
    def rest(self) -> str:
        """Name the file that holds what stays until it takes the place of the old one."""
        return f".{self.place.name}.tmp"


def remove(folder: int, chat: str, session: str, item: str | None) -> tuple[Cut, ...]:
    """Remove one item of a session, or all of its files, from the open folder of a chat."""
    places = [Place(chat, session, kind) for kind in TYPES]
    cuts = tuple(cut for place in places if (cut := _cut(folder, place, item)) is not None)
    for cut in cuts:
        _write_rest(folder, cut)
    _drop_attachments(folder, chat, cuts)
    for cut in cuts:
        if cut.spans is None:
            os.unlink(cut.place.name, dir_fd=folder)
        else:
            os.rename(cut.rest, cut.place.name, src_dir_fd=folder, dst_dir_fd=folder)
    if cuts:
        disk.sync(folder)
    return cuts


def _cut(folder: int, place: Place, item: str | None) -> Cut | None:
    """Find what has to leave a file; None if that is nothing."""
    fd = opened(folder, place.name, str(place))
    if fd is None:
        return None
    spans, digests, count = [], set[str](), 0
    for start, raw in _lines(fd):
        if item is None or _is_named(raw, item):
            spans.append((start, start + len(raw)))
            digests |= attachments.named_in(raw)
            count += bool(raw.strip())
    if item is None:
        return Cut(place, count, None, frozenset(digests))
    return Cut(place, count, tuple(spans), frozenset(digests)) if spans else None


def _lines(fd: int) -> Iterator[tuple[int, bytes]]:
    """Give each line with the byte where it begins; one that is too long comes in pieces."""
    at = 0
    with os.fdopen(fd, "rb") as file:
        while piece := file.readline(LONGEST_LINE + 1):
            yield at, piece
            at += len(piece)


def _is_named(raw: bytes, item: str) -> bool:
    if item.encode() not in raw:
        return False
    try:
        found = strict_json.loads(raw)
    except BadJson:
        return False
    return isinstance(found, dict) and found.get("id") == item


def _write_rest(folder: int, cut: Cut) -> None:
    """Copy what stays of a file."""
    if cut.spans is None or (source := opened(folder, cut.place.name, str(cut.place))) is None:
        return
    with closed(source), closed(os.open(cut.rest, _NEW, 0o600, dir_fd=folder)) as target:
        at = 0
        for start, end in (*cut.spans, (os.fstat(source).st_size, 0)):
            _copy(source, target, at, start)
            at = end
        disk.sync(target)


def _copy(source: int, target: int, start: int, end: int) -> None:
    while start < end and (piece := os.pread(source, min(_PIECE, end - start), start)):
        disk.write_whole(target, piece)
        start += len(piece)


def _drop_attachments(folder: int, chat: str, cuts: Iterable[Cut]) -> None:
    """Remove the attachments that only the removed items name."""
    digests = frozenset[str]().union(*(cut.digests for cut in cuts))
    if not digests:
        return
    replaced = {cut.place.name: None if cut.spans is None else cut.rest for cut in cuts}
    with os.scandir(folder) as entries:
        names = [replaced.get(entry.name, entry.name) for entry in entries if session_of(entry.name)]
    with ExitStack() as stack:
        files = (_readable(stack, folder, name, chat) for name in names if name is not None)
        attachments.drop(folder, digests, still_in=(fd for fd in files if fd is not None))


def _readable(stack: ExitStack, folder: int, name: str, chat: str) -> int | None:
    found = opened(folder, name, f"{chat}/{name}")
    return None if found is None else stack.enter_context(closed(found))


def tidy(context: int, chat: str) -> None:
    """Remove the folder of a chat if nothing is left in it."""
    for name in (f"{chat}/{attachments.FOLDER}", chat):
        with suppress(OSError):  # not empty, or not there
            os.rmdir(name, dir_fd=context)
