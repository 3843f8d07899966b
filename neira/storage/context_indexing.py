"""Bringing the search index up to date with the files: one of them, some of them, or whatever is there.

`context_index` calls it, one process at a time. A file that grew is read from where it was read to; one that
shrank, or is another file by now, is read anew.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from itertools import groupby
from typing import IO, TYPE_CHECKING, TypeAlias

from neira.errors.disk import BadPath
from neira.storage.context_files import Position, lines
from neira.storage.context_places import Place, chat_of, closed, opened, session_of
from neira.storage.context_texts import FAR, SHORTEST, Known, Looks
from neira.storage.context_words import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from neira.storage.context_texts import Texts

Name: TypeAlias = tuple[str, str]  # session and type; both empty for the folder of the chat itself

_CHAT: Name = ("", "")
_BROKEN: Looks = (0, 0, 0)  # how a folder looks that cannot be read
_SEAM = 256  # bytes before the point of reading that are remembered


class Indexing:
    """One round of reading; it lasts so many seconds from the first file on that has to be read."""

    def __init__(self, texts: Texts, context: Path, monotonic: Callable[[], float], lasts: float) -> None:
        self._texts = texts
        self._context = context
        self._monotonic = monotonic
        self._lasts = lasts
        self._until: float | None = None

    def some(self, places: Iterable[Place]) -> bool:
        """Read files that were named; tell whether all of them are read now."""
        with suppress(FileNotFoundError), closed(self._root()) as root:
            for chat, files in groupby(sorted(places, key=_chat_first), key=lambda place: place.chat):
                known = self._texts.files(chat)
                for place in files:
                    if not self._file(root, chat, (place.session, place.type), known):
                        return False
        return True

    def all(self, progress: Callable[[], None]) -> bool:
        """Read whatever has changed, and forget what is gone; tell whether all is read now."""
        try:
            root = self._root()
        except FileNotFoundError:
            self._forget_all()
            return True
        with closed(root):
            for chat in _chats(root):
                if not self._chat(root, chat, progress):
                    return False
            for chat in self._texts.chats():
                if not _is_there(root, chat):
                    self._forget(self._texts.files(chat).values())
        return True

    def _chat(self, root: int, chat: str, progress: Callable[[], None]) -> bool:
        known, found = self._texts.files(chat), _looks(root, chat)
        self._forget(known[name] for name in known.keys() - found.keys())
        for name, looks in found.items():
            is_read = name in known and known[name].looks == looks
            if not is_read and not self._file(root, chat, name, known):
                return False
            progress()
        return True

    def _file(self, root: int, chat: str, name: Name, known: dict[Name, Known]) -> bool:
        """Read one file as far as there is time, and tell whether it is read to its end."""
        try:
            folder = opened(root, chat, chat, os.O_DIRECTORY)
        except BadPath:
            self._flaw(chat, _CHAT, _BROKEN)
            return True
        if folder is None:
            self._forget(known[each] for each in (name,) if each in known)
            return True
        with closed(folder):
            return self._within(folder, Place(chat, *name), known.get(name)) if name != _CHAT else True

    def _within(self, folder: int, place: Place, known: Known | None) -> bool:
        try:
            fd = opened(folder, place.name, str(place))
        except BadPath:
            with suppress(FileNotFoundError):
                looks = _of(os.stat(place.name, dir_fd=folder, follow_symlinks=False))
                self._flaw(place.chat, (place.session, place.type), looks)
            return True
        if fd is None:
            self._forget(() if known is None else (known,))
            return True
        with os.fdopen(fd, "rb") as file:
            return self._lines(file, place, known)

    def _lines(self, file: IO[bytes], place: Place, known: Known | None) -> bool:
        if self._until is None:
            self._until = self._monotonic() + self._lasts
        looks = _of(os.fstat(file.fileno()))  # before it is read: what comes meanwhile makes it look new
        upto = known.upto if known is not None and _goes_on(file, known, looks) else 0
        number = self._texts.begin(place.chat, place.session, place.type, upto=upto)
        begun, at, is_whole = upto, upto, True
        for step in lines(file, Position(place.chat, place.session, place.type, upto)):
            first, at = step.behind.offset - step.cost, step.behind.offset
            if at >= FAR:
                break
            if step.item is not None or step.flaw:
                begun = first
                self._line(number, first, None if step.item is None else "\n".join(texts(step.item)))
            if self._monotonic() >= self._until:
                is_whole = False
                break
        if at and os.pread(file.fileno(), 1, at - 1) != b"\n":
            at = begun  # its end may be still to come
        self._texts.end(Known(number, looks if is_whole else _unread(looks), at, _seam(file, at)))
        return is_whole

    def _line(self, number: int, offset: int, text: str | None) -> None:
        if text is None:
            self._texts.add_flaw(number, offset)
        elif len(text) >= SHORTEST:
            self._texts.add(number, offset, text)

    def _flaw(self, chat: str, name: Name, looks: Looks) -> None:
        number = self._texts.begin(chat, *name, upto=0)
        self._texts.add_flaw(number, 0)
        self._texts.end(Known(number, looks, 0, 0))

    def _forget(self, gone: Iterable[Known]) -> None:
        for known in gone:
            self._texts.forget(known.id)

    def _forget_all(self) -> None:
        for chat in self._texts.chats():
            self._forget(self._texts.files(chat).values())

    def _root(self) -> int:
        return os.open(self._context, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def count(context: Path) -> int:
    """Count the files there are, for whoever shows progress."""
    try:
        root = os.open(context, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    with closed(root):
        return sum(len(_looks(root, chat)) for chat in _chats(root))


def _chat_first(place: Place) -> tuple[str, str, str]:
    return place.chat, place.session, place.type


def _chats(root: int) -> Iterator[str]:
    with os.scandir(root) as entries:
        for entry in entries:
            if (chat := chat_of(entry.name)) is not None:
                yield chat


def _looks(root: int, chat: str) -> dict[Name, Looks]:
    """Say how each file of a chat looks."""
    try:
        folder = opened(root, chat, chat, os.O_DIRECTORY)
    except BadPath:
        return {_CHAT: _BROKEN}
    if folder is None:
        return {}
    found = {}
    with closed(folder), os.scandir(folder) as entries:
        for entry in entries:
            if (name := session_of(entry.name)) is not None:
                with suppress(FileNotFoundError):
                    found[name] = _of(entry.stat(follow_symlinks=False))
    return found


def _of(facts: os.stat_result) -> Looks:
    return facts.st_ino, facts.st_size, facts.st_ctime_ns


def _unread(looks: Looks) -> Looks:
    """Say of a file how it looks to whoever will go on reading it: like no file that there is."""
    return looks[0], -1, -1


def _is_there(root: int, chat: str) -> bool:
    try:
        os.stat(chat, dir_fd=root, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _goes_on(file: IO[bytes], known: Known, looks: Looks) -> bool:
    """Tell whether a file begins as it did when it was read; an editor may have written it anew in place."""
    is_same = looks[0] == known.looks[0] and looks[1] >= known.upto
    return is_same and _seam(file, known.upto) == known.seam


def _seam(file: IO[bytes], upto: int) -> int:
    first = max(0, upto - _SEAM)
    return zlib.crc32(os.pread(file.fileno(), upto - first, first))
