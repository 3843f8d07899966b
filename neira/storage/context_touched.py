"""A list of the files that were written, shared by all processes of a home: many note, one takes it away.

`context_writer` notes every place twice: for `settle`, which has the disk confirm it whoever wrote it, and
for the search index, which then need not look at every file there is. A note comes after the write that it
tells of, and counts only in a list that nobody has taken yet: whoever takes it later finds what was written.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.input import BadId
from neira.storage.context_places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST_REMEMBERED = 10_000  # places that a process knows to be in the list
_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Taken:
    """The places that were noted; not all of them, if the list had become too long."""

    places: frozenset[Place]
    is_whole: bool


class Touched:
    """One such list; `most` bounds its bytes."""

    def __init__(self, path: Path, *, most: int | None = None) -> None:
        self._path = os.fspath(path)
        self._taken = f"{self._path}.taken"
        self._most = most
        self._fd = -1
        self._identity = (0, 0)
        self._noted: set[Place] = set()

    def note(self, place: Place) -> None:
        """Put a place on the list, after it was written."""
        if not self._is_current():
            self._open()
        elif place in self._noted:
            return
        entry = f"\n{place.chat}/{place.session}/{place.type}\n".encode()  # a torn one spoils no other
        while not self._is_full():
            disk.write_whole(self._fd, entry)
            if self._is_current():
                break
            self._open()  # taken in between, perhaps before the entry was in it
        if len(self._noted) >= _MOST_REMEMBERED:
            self._noted.clear()
        self._noted.add(place)

    def is_waiting(self) -> bool:
        """Tell whether something was noted, or taken and not yet done."""
        return any(os.path.lexists(path) for path in (self._path, self._taken))  # it moves in this order

    def take(self) -> Taken | None:
        """Take the list away, or the one that was taken before and never done; one process at a time."""
        if not os.path.lexists(self._taken):
            try:
                os.rename(self._path, self._taken)  # noqa: PTH104 - beside the calls above
            except FileNotFoundError:
                return None
        with open(self._taken, "rb") as file:  # noqa: PTH123 - beside the calls above
            size = os.fstat(file.fileno()).st_size
            return Taken(frozenset(_places(file)), self._most is None or size < self._most)

    def done(self) -> None:
        """Forget the list that was taken: all of it has been seen to."""
        with suppress(FileNotFoundError):
            os.unlink(self._taken)  # noqa: PTH108 - beside the calls above

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> None:
        self.close()
        self._noted.clear()
        self._fd = os.open(self._path, _OPEN, 0o600)
        facts = os.fstat(self._fd)
        self._identity = (facts.st_dev, facts.st_ino)

    def _is_current(self) -> bool:
        """Tell whether the file that is open is the list still; its number is not used again while it is."""
        if self._fd < 0:
            return False
        try:
            facts = os.stat(self._path)  # noqa: PTH116 - asked with every line that is written
        except FileNotFoundError:
            return False
        return (facts.st_dev, facts.st_ino) == self._identity

    def _is_full(self) -> bool:
        return self._most is not None and os.fstat(self._fd).st_size >= self._most


def _places(lines: Iterator[bytes]) -> Iterator[Place]:
    for line in lines:
        parts = line.decode("ascii", "replace").strip().split("/")
        with suppress(BadId, TypeError):
            yield Place(*parts)
