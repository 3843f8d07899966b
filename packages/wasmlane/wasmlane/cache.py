"""Compiled code kept on disk between processes, for its own user alone.

To load compiled code is to run it, so an entry counts only when nobody but this user could have written it,
and its bytes are those that were stored; anything else is built anew. The disk never fails a caller: at worst
it is no help.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import sys
import time
import warnings
from contextlib import contextmanager, suppress
from hashlib import blake2b, sha256
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FORMAT = "wasmlane-cache 1"
KEPT = 32  # entries
LARGEST = 256 << 20  # bytes of an entry
LONGEST_KEY = 1000
HOUR = 3600.0
PATIENCE = 60.0  # seconds in which somebody else may finish building the same
PAUSE = 0.02
ENTRY, LOCK, PART = ".entry", ".lock", ".part"
DIGEST_SIZE = 32
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
OTHERS, OTHERS_WRITE = 0o077, 0o022
CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no links, no pipes


def default_folder(environ: Mapping[str, str]) -> Path:
    """Tell where this user's compiled code belongs."""
    base = Path(environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():  # the standard wants relative ones ignored
        base = Path(environ.get("HOME") or Path.home(), ".cache")
    return base / "wasmlane"


class Cache:
    """Keep what was built under its key; without a folder everything is built each time."""

    def __init__(
        self,
        folder: Path | None,
        *,
        patience: float = PATIENCE,
        now: Callable[[], float] = time.time,  # noqa: TID251 — only the default
    ) -> None:
        # On Windows, files have no owner and mode to go by.
        self._folder = folder if sys.platform != "win32" else None
        self._patience = patience
        self._now = now
        self._warned = False

    def fetch(self, key: str, build: Callable[[], bytes]) -> bytes:
        """Give what is kept under a key, or build it and keep it."""
        if not key.isprintable() or len(key) > LONGEST_KEY:
            raise ValueError(f"a cache key is printable and has at most {LONGEST_KEY} characters")
        if self._folder is None:
            return build()
        try:
            place = _opened(self._folder)
        except OSError as failure:
            self._warn(failure)
            return build()
        try:
            return self._fetch(_Slot(place, key, self._now), build)
        finally:
            os.close(place)

    def _fetch(self, slot: _Slot, build: Callable[[], bytes]) -> bytes:
        if (kept := slot.read()) is not None:
            return kept
        with slot.turn(self._patience):
            if (kept := slot.read()) is not None:
                return kept
            built = build()
            try:
                slot.write(built)
            except OSError as failure:
                self._warn(failure)
            return built

    def _warn(self, failure: OSError) -> None:
        if not self._warned:
            self._warned = True
            sentence = f"compiled code is not kept in {self._folder}: {failure}"
            warnings.warn(sentence, RuntimeWarning, stacklevel=4)


class _Slot:
    """Where one key's entry is, or will be, in an open folder that is ours."""

    def __init__(self, place: int, key: str, now: Callable[[], float]) -> None:
        self._place = place
        self._stem = blake2b(key.encode(), digest_size=20).hexdigest()
        self._head = f"{FORMAT} {key}\n".encode()
        self._now = now

    def read(self) -> bytes | None:
        """Read the entry, if there is one that can be trusted."""
        with suppress(OSError):
            file = os.open(self._stem + ENTRY, os.O_RDONLY | CAREFULLY, dir_fd=self._place)
            try:
                return self._read(file)
            finally:
                os.close(file)
        return None

    def _read(self, file: int) -> bytes | None:
        about = os.fstat(file)
        if not _is_trusted(about):
            return None
        with os.fdopen(file, "rb", closefd=False) as stream:
            head = stream.read(len(self._head) + DIGEST_SIZE)
            payload = stream.read(about.st_size)
        if head != self._head + _digest(payload):
            return None
        if self._now() - about.st_mtime > HOUR:
            _touch(file, self._now())
        return payload

    def write(self, payload: bytes) -> None:
        """Put an entry in the place of whatever is there, then drop what has not been used for long."""
        if len(self._head) + DIGEST_SIZE + len(payload) > LARGEST:
            raise OSError(f"{len(payload)} bytes are more than {LARGEST}")
        part = secrets.token_hex(16) + PART
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE, dir_fd=self._place)
        try:
            with os.fdopen(file, "wb") as stream:
                stream.write(self._head + _digest(payload))
                stream.write(payload)
                stream.flush()
                os.fsync(file)  # noqa: TID251 — this package has no other disk
            self._rename(part, self._stem + ENTRY)
        except BaseException:
            _remove(part, self._place)
            raise
        _tidy(self._place, self._now())

    def _rename(self, old: str, new: str) -> None:
        try:
            os.replace(old, new, src_dir_fd=self._place, dst_dir_fd=self._place)
        except IsADirectoryError:
            shutil.rmtree(new, dir_fd=self._place)
            os.replace(old, new, src_dir_fd=self._place, dst_dir_fd=self._place)

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Let others who build the same finish first, within the patience given."""
        lock = self._open_lock()
        if lock is None:
            yield
            return
        try:
            _wait(lock, patience)
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_UN)  # a forked child may hold a copy, so closing would not do
            os.close(lock)

    def _open_lock(self) -> int | None:
        with suppress(OSError):
            flags = os.O_WRONLY | os.O_CREAT | CAREFULLY
            return os.open(self._stem + LOCK, flags, PRIVATE_FILE, dir_fd=self._place)
        return None


def _wait(lock: int, patience: float) -> None:
    until = time.monotonic() + patience
    with suppress(OSError):  # where locks are not supported, several may build
        while time.monotonic() < until:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(PAUSE)
            else:
                return


def _opened(folder: Path) -> int:
    """Open the folder, made if need be; it is ours and closed to others, or an OSError."""
    _make(folder)
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | CAREFULLY)
    try:
        about = os.fstat(place)
        if about.st_uid != os.geteuid():
            raise PermissionError("it belongs to another user")
        if about.st_mode & OTHERS:
            os.fchmod(place, PRIVATE_FOLDER)
    except OSError:
        os.close(place)
        raise
    return place


def _make(folder: Path) -> None:
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir(PRIVATE_FOLDER, exist_ok=True)


def _is_trusted(about: os.stat_result) -> bool:
    private = about.st_uid == os.geteuid() and not about.st_mode & OTHERS_WRITE
    return private and stat.S_ISREG(about.st_mode) and about.st_size <= LARGEST


def _digest(payload: bytes) -> bytes:
    return sha256(payload).digest()


def _touch(file: int, now: float) -> None:
    with suppress(OSError):
        os.utime(file, (now, now))


def _remove(name: str, place: int) -> None:
    with suppress(OSError):
        os.unlink(name, dir_fd=place)


def _tidy(place: int, now: float) -> None:
    """Keep the entries used last, and what is too young to have been left behind by a process that died."""
    ages = _ages(place, now)
    entries = sorted((name for name in ages if name.endswith(ENTRY)), key=ages.__getitem__)
    stems = {name.removesuffix(ENTRY) for name in entries[:KEPT]}
    old = [name for name, age in ages.items() if age > HOUR and name.endswith((LOCK, PART))]
    for name in (*entries[KEPT:], *(name for name in old if name.removesuffix(LOCK) not in stems)):
        _remove(name, place)


def _ages(place: int, now: float) -> dict[str, float]:
    found = {}
    with suppress(OSError), os.scandir(place) as items:
        for item in items:
            with suppress(OSError):
                found[item.name] = now - item.stat(follow_symlinks=False).st_mtime
    return found
