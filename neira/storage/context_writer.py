"""The writing half of the context store: each committed item becomes one line of its session's file.

The applier calls it, in the order of the journal, under its lock: one thread of one process at a time. All
may be repeated from an older record on. A line that a file has already is not written again; a removal that
is repeated removes again what the repetition before it brought back.
"""

from __future__ import annotations

import errno
import os
import stat
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from neira import disk
from neira.errors.disk import BadPath, FsyncFailed
from neira.storage import context_attachments as attachments
from neira.storage import context_removal as removal
from neira.storage.context_lines import Item, line_of
from neira.storage.context_places import TYPES, Place, closed, opened, unreadable
from neira.storage.context_tail import Mark, tail
from neira.storage.context_touched import Touched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from neira.errors import NeiraError

__all__ = ["ContextWriter", "Item", "Place"]

UNSETTLED = "context.unsettled"
NEWS = "search.news"
MOST_NEWS = 8 << 20  # bytes; with more of them the index looks at every file

_KNOWN = 4096  # files whose end is remembered
_WRITE = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_IN_THE_WAY = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO})

_Looks: TypeAlias = tuple[int, int, int]


class ContextWriter:
    """Writes below `context`; what other processes have to know of it lies in the home's private folder."""

    def __init__(self, context: Path, private: Path, *, head: Callable[[], int] | None = None) -> None:
        self._context = os.fspath(context)
        self._unsettled = Touched(private / UNSETTLED)
        self._news = Touched(private / NEWS, most=MOST_NEWS)
        self._head = head  # of the journal: lines of later records are another journal's
        self._known: dict[Place, tuple[_Looks, Mark]] = {}  # how a file looked when it had reached what
        self._failure: FsyncFailed | None = None

    def append(self, place: Place, item: Item) -> None:
        """Write one line, unless the file has it already; once this returns, every reader sees it."""
        try:
            folder = self._folder(place.chat)
            try:
                self._append(folder, place, item)
            finally:
                os.close(folder)
            self._unsettled.note(place)
            self._news.note(place)
        except OSError as error:
            raise _refused(error, str(place)) from error

    def remove(self, chat: str, session: str, item: str | None = None) -> int:
        """Remove one item of a session by its id, or all of them, and say how many there were."""
        places = [Place(chat, session, kind) for kind in TYPES]
        try:
            count = self._remove(chat, session, item)
            for place in places:
                self._known.pop(place, None)
                self._unsettled.note(place)  # also where nothing was left to remove:
                self._news.note(place)  # who removed it may have been killed before it told anybody
        except OSError as error:
            raise _refused(error, f"{chat}/{session}") from error
        return count

    def settle(self) -> None:
        """Have the disk confirm whatever any process has written; one that refused once is not asked again.

        It needs no lock against `append`: what was appended before it begins is certain when it returns.
        """
        if self._failure is not None:
            raise self._failure
        try:
            for _ in range(2):  # the first list may be one that a killed process had taken
                if (taken := self._unsettled.take()) is not None:
                    self._sync(taken.places)
                    self._unsettled.done()
        except FsyncFailed as error:
            self._failure = error
            raise
        except OSError as error:
            raise disk.explained(error, UNSETTLED) from error

    def close(self) -> None:
        """Let go of all files."""
        self._unsettled.close()
        self._news.close()

    def _append(self, folder: int, place: Place, item: Item) -> None:
        fd = os.open(place.name, _WRITE, 0o600, dir_fd=folder)
        try:
            known = self._known.pop(place, None)
            mark = (item.seq, item.number)
            size, reached = self._end(fd, known, mark)
            if mark > reached:
                line = line_of(place, item)
                if line.parts:
                    attachments.keep(folder, line.parts)
                _write(fd, line.raw, size)
                reached = mark
            self._remember(place, fd, reached)
        finally:
            os.close(fd)

    def _remove(self, chat: str, session: str, item: str | None) -> int:
        try:
            context = os.open(self._context, _FOLDER & ~os.O_NOFOLLOW)
        except FileNotFoundError:
            return 0
        with closed(context):
            folder = opened(context, chat, chat, os.O_DIRECTORY)
            if folder is None:
                return 0
            with closed(folder):
                cuts = removal.remove(folder, chat, session, item)
            removal.tidy(context, chat)
        return sum(cut.count for cut in cuts)

    def _end(self, fd: int, known: tuple[_Looks, Mark] | None, mark: Mark) -> tuple[int, Mark]:
        """Say how long a file is and what it has reached; what is torn at its end is cut off."""
        facts = os.fstat(fd)
        if known is not None and known[0] == _looks(facts):
            return facts.st_size, known[1]
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.ENXIO, "it is not a plain file")
        if not facts.st_size:
            return 0, (0, -1)
        end = tail(fd, facts.st_size, asked=mark, head=None if self._head is None else self._head())
        if end.size < facts.st_size:
            os.ftruncate(fd, end.size)
        size = end.size
        if size and os.pread(fd, 1, size - 1) != b"\n":  # whole but for its end, or written by hand
            _write(fd, b"\n", size)
            size += 1
        return size, end.reached

    def _remember(self, place: Place, fd: int, reached: Mark) -> None:
        self._known[place] = (_looks(os.fstat(fd)), reached)
        if len(self._known) > _KNOWN:
            del self._known[next(iter(self._known))]

    def _folder(self, chat: str) -> int:
        path = f"{self._context}/{chat}"
        try:
            return os.open(path, _FOLDER)
        except FileNotFoundError:
            os.makedirs(path, 0o700, exist_ok=True)  # noqa: PTH103 - of a text that is at hand
            return os.open(path, _FOLDER)

    def _sync(self, places: Iterable[Place]) -> None:
        ordered = sorted(places, key=lambda place: (place.chat, place.session, place.type))
        with closed(os.open(self._context, _FOLDER & ~os.O_NOFOLLOW)) as context:
            for chat, files in groupby(ordered, key=lambda place: place.chat):
                _sync_chat(context, chat, files)
            disk.sync(context)


def _sync_chat(context: int, chat: str, places: Iterable[Place]) -> None:
    """Confirm files of one chat; what was removed or replaced by a link meanwhile is not ours to confirm."""
    try:
        folder = opened(context, chat, chat, os.O_DIRECTORY)
        if folder is None:
            return
        with closed(folder):
            for place in places:
                fd = opened(folder, place.name, str(place))
                if fd is not None:
                    with closed(fd):
                        disk.sync(fd)
            disk.sync(folder)
    except BadPath:
        return


def _write(fd: int, data: bytes, size: int) -> None:
    """Write at the end of a file that is so long, all or nothing."""
    try:
        disk.write_whole(fd, data)
    except OSError:
        os.ftruncate(fd, size)
        raise


def _looks(facts: os.stat_result) -> _Looks:
    return facts.st_ino, facts.st_size, facts.st_ctime_ns


def _refused(error: OSError, shown: str) -> NeiraError:
    if error.errno in _IN_THE_WAY:
        return unreadable(shown, error)
    return disk.explained(error, shown)
