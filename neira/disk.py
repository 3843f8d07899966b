"""Durable writes, locks and careful reads: the one place that calls `os.write` and `os.fsync`.

Everything that must survive a power cut passes here; the journal, the registry's files and the safe mode use
it. A failed fsync is never repeated: after it the kernel may call lost pages clean.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from neira.errors.disk import BadPath, Busy, DiskFailed, DiskFull, FsyncFailed, HomeReadOnly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.errors import NeiraError
    from neira.ports import Clock

_TMP = ".tmp"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FIRST_PAUSE = 0.000_2  # seconds between two tries for a lock; grows to the longest
_LONGEST_PAUSE = 0.001


def write_whole(fd: int, data: bytes) -> None:
    """Write every byte, or raise the OSError that stopped it; a short write is not an error to the kernel."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def write_at(fd: int, data: bytes, offset: int) -> None:
    """Write every byte at an offset, or raise the OSError that stopped it."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(fd, rest, offset)
        rest, offset = rest[written:], offset + written


def sync(fd: int) -> None:
    """Have the disk confirm what was written to a descriptor; never ask twice."""
    try:
        os.fsync(fd)
    except OSError as error:
        raise FsyncFailed(_words(error)) from error


def sync_dir(path: Path) -> None:
    """Have the disk confirm the names in a folder."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync(fd)
    finally:
        os.close(fd)


def write_atomic(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace a file in one step: readers see the old bytes or the new ones, also after a power cut."""
    temporary: Path | None = None
    try:
        fd, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_TMP)
        temporary = Path(name)
        _fill(fd, data, mode)
        temporary.replace(path)
        temporary = None
        sync_dir(path.parent)
    except OSError as error:
        raise explained(error, path.name) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> int:
    """Remove what killed processes left of `write_atomic`; call it while nobody writes there."""
    left = [path for path in folder.glob(f".*{_TMP}") if path.is_file() and not path.is_symlink()]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def explained(error: OSError, name: str) -> NeiraError:
    """Turn what the kernel said about a write into one of our errors."""
    if error.errno in _FULL:
        return DiskFull(name)
    if error.errno == errno.EROFS:
        return HomeReadOnly(name)
    return DiskFailed(name, _words(error))


def read_regular(root: Path, relative: str, *, limit: int) -> bytes:
    """Read a plain file below a root without following any link; what is none, or missing, is a BadPath."""
    fd = _descend(root, relative)
    try:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode):
            raise BadPath(relative, "it is not a plain file")
        if facts.st_size > limit:
            raise BadPath(relative, f"it is larger than {limit} bytes")
        data = _read_up_to(fd, limit + 1)
    finally:
        os.close(fd)
    if len(data) > limit:
        raise BadPath(relative, f"it grew beyond {limit} bytes while it was read")
    return data


class Lock:
    """A lock between all threads of all processes, held by the kernel: a dead holder lets go.

    A second file beside it is the place of who comes next. Without it, a process that takes the lock again
    and again would always be faster than one that has to look whether it is free.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._file = _LockFile(path)
        self._next = _LockFile(path.with_name(f"{path.name}.next"))
        self._clock = clock
        self._threads = threading.Lock()

    @property
    def name(self) -> str:
        """Name the lock as errors and `neira doctor` do."""
        return self._file.name

    @contextmanager
    def held(self, timeout: float = 10.0) -> Iterator[None]:
        """Run the block alone, or raise Busy after a while."""
        self._take_all(timeout)
        try:
            yield
        finally:
            try:
                self._file.let_go()
            finally:
                self._threads.release()

    def _take_all(self, timeout: float) -> None:
        until = self._clock.monotonic() + timeout
        if not self._threads.acquire(timeout=max(0.0, timeout)):
            raise Busy(self.name, timeout)
        try:
            self._take(self._next, until, timeout)
            try:
                self._take(self._file, until, timeout)
            finally:
                self._next.let_go()
        except BaseException:
            self._threads.release()
            raise

    def _take(self, file: _LockFile, until: float, timeout: float) -> None:
        pause = _FIRST_PAUSE
        while not file.take():
            if self._clock.monotonic() >= until:
                raise Busy(self.name, timeout)
            self._clock.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


class _LockFile:
    """A file that one process at a time may hold; kept open, for opening costs more than locking."""

    __slots__ = ("_fd", "_identity", "_owner", "_path", "name")

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = os.fspath(path)
        self._fd = -1
        self._owner = 0
        self._identity = (0, 0)

    def take(self) -> bool:
        """Lock the file if it is free."""
        if self._owner != os.getpid():  # a descriptor that came over a fork shares its lock
            self._open()
        if self._lock() and self._is_named():
            return True
        if self._is_named():
            return False
        self._open()  # somebody removed the file: the lock is the one that others would open now
        return self._lock() and self._is_named()

    def let_go(self) -> None:
        """Unlock it, said aloud: a forked child may still hold a copy of the descriptor."""
        fcntl.flock(self._fd, fcntl.LOCK_UN)

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)

    def _open(self) -> None:
        left, self._fd, self._owner = self._fd, -1, 0
        if left >= 0:
            os.close(left)
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        facts = os.fstat(self._fd)
        self._identity = facts.st_dev, facts.st_ino
        self._owner = os.getpid()

    def _lock(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _is_named(self) -> bool:
        """Tell whether the file is still the one that others would open."""
        try:
            facts = os.stat(self._path)  # noqa: PTH116 - asked with every commit
        except FileNotFoundError:
            return False
        return (facts.st_dev, facts.st_ino) == self._identity


def _fill(fd: int, data: bytes, mode: int) -> None:
    """Write, confirm and close a new file."""
    try:
        os.fchmod(fd, mode)
        write_whole(fd, data)
        sync(fd)
        if os.fstat(fd).st_size != len(data):
            raise OSError(errno.EIO, "the file has another length than was written")
    finally:
        os.close(fd)


def _descend(root: Path, relative: str) -> int:
    """Open component by component, so that no link can be swapped in between check and use."""
    parts = relative.split("/")
    if "\0" in relative or any(part in {"", ".", ".."} for part in parts):
        raise BadPath(relative, "it is not a plain relative path")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts[:-1]:
        folder = _step(folder, part, relative, os.O_DIRECTORY)
    return _step(folder, parts[-1], relative, os.O_NONBLOCK)  # a FIFO must not hold the reader


def _step(folder: int, part: str, relative: str, flags: int) -> int:
    """Open one component and close the folder it lies in."""
    try:
        return os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)
    except OSError as error:
        raise BadPath(relative, _refusal(error)) from error
    except UnicodeEncodeError as error:
        raise BadPath(relative, "its name has no UTF-8 form") from error
    finally:
        os.close(folder)


def _refusal(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "it does not exist"
    if error.errno in {errno.ELOOP, errno.ENOTDIR}:
        return "a link or a plain file stands where a folder should be"
    return _words(error)


def _read_up_to(fd: int, most: int) -> bytes:
    pieces = []
    while most > 0 and (piece := os.read(fd, min(most, 1 << 20))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _words(error: OSError) -> str:
    """Say what the kernel said, without the path it said it about."""
    return error.strerror or f"error {error.errno}"
