"""Copy a running home into one file, and bring it back: `neira backup`, `neira restore`.

While a backup runs no admin change happens (it holds the change lock), but events go on: the journal is
copied up to the record that was last when the copying began. Each is verified before it is called done.
"""

from __future__ import annotations

import io
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.backup import BackupExists, BackupUnsound, NotEmpty
from neira.errors.home import BadBackup
from neira.home import Home
from neira.journal import checkpoint
from neira.kernel import Kernel
from neira.settings import load
from neira.upkeep.backup_file import FOLDERS, SINGLE, Packer, is_ours, unpack
from neira.upkeep.rebuild import rebuild
from neira.upkeep.soundness import sentence, verified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.ports import Clock
    from neira.upkeep.backup_file import Card
    from neira.upkeep.finding import Progress

WAIT = 60.0  # seconds for a change in progress to end
_POINTS = f"journal/{checkpoint.FILE}"
_SUFFIX = ".ndjson"


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup or a restore came to."""

    files: int
    bytes: int
    seq: int
    skipped: tuple[str, ...] = ()  # links and the like, which a backup leaves out


@dataclass(frozen=True, slots=True)
class _Instant:
    """The journal at one moment: how long each segment is, and the checkpoints as they are then."""

    lengths: dict[str, int]
    points: bytes

    def end(self) -> tuple[int, str]:
        """Return number and hash of the last signed record."""
        slots = range(len(self.points) // checkpoint.SLOT, 0, -1)
        for place in slots:
            found = checkpoint.parse(self.points[(place - 1) * checkpoint.SLOT : place * checkpoint.SLOT])
            if found is not None:
                return found.seq, found.root
        return 0, ""


def backup(home: Home, file: Path, *, clock: Clock, progress: Progress) -> Copied:
    """Write a verified copy of a home into a new file that only its owner may read."""
    home.check()
    if os.path.lexists(file):
        raise BackupExists(file.name)
    fd, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(fd, "wb") as out:
            copied = _pack(home, out, clock, progress)
            disk.sync(out.fileno())
        _verify(temporary, clock, progress)
        try:
            file.hardlink_to(temporary)  # unlike a rename, it never replaces what came in between
        except FileExistsError:
            raise BackupExists(file.name) from None
        disk.sync_dir(file.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return copied


def restore(file: Path, root: Path, *, actor: str, clock: Clock, progress: Progress) -> Copied:
    """Make an empty folder the home that a backup holds, or leave it empty; what is derived is made anew."""
    if root.is_symlink() or (root.exists() and (not root.is_dir() or any(root.iterdir()))):
        raise NotEmpty(root.name)
    root.mkdir(parents=True, exist_ok=True)
    home = Home(root)
    try:
        card = unpack(file, root, progress)
        _check(home, card, clock, progress)
        home.lay_out()
        with Kernel.open(root, load(root), clock=clock) as kernel:
            rebuild(kernel, actor)
    except BaseException:
        _empty(root)
        raise
    return Copied(len(card.files), _size(root), card.seq)


def _pack(home: Home, out: io.BufferedWriter, clock: Clock, progress: Progress) -> Copied:
    packer = Packer(out)
    skipped: list[str] = []
    with disk.Lock(home.locks / "change.lock", clock).held(WAIT):
        instant = _freeze(home, clock)
        names = sorted(_names(home.root, skipped))
        for number, name in enumerate(names):
            _add(packer, home.root, name, instant)
            progress(number + 1, len(names))
    seq, root = instant.end()
    packer.finish(created=clock.now().isoformat(), seq=seq, head=root)
    return Copied(len(packer.files), out.tell(), seq, tuple(skipped))


def _freeze(home: Home, clock: Clock) -> _Instant:
    """Look at the journal while nobody writes it; what is appended later lies behind these lengths."""
    with disk.Lock(home.locks / "journal.lock", clock).held(WAIT):
        segments = home.journal.glob(f"*{_SUFFIX}")
        lengths = {f"journal/{path.name}": path.stat().st_size for path in segments}
        try:
            points = (home.journal / checkpoint.FILE).read_bytes()
        except FileNotFoundError:
            points = b""
    return _Instant(lengths, points)


def _names(root: Path, skipped: list[str]) -> Iterator[str]:
    """List the plain files of a home that cannot be derived from others."""
    below = (path for folder in FOLDERS for path in (root / folder).rglob("*"))
    for path in (*(root / name for name in SINGLE), *below):
        name = path.relative_to(root).as_posix()
        mode = _mode(path)
        if mode is None or stat.S_ISDIR(mode) or name.endswith(".tmp"):
            continue
        if stat.S_ISREG(mode) and is_ours(name):
            yield name
        else:
            skipped.append(name)


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None


def _add(packer: Packer, root: Path, name: str, instant: _Instant) -> None:
    if name == _POINTS:
        packer.add(name, io.BytesIO(instant.points), len(instant.points))
        return
    if (
        name.startswith("journal/")
        and name.endswith(_SUFFIX)
        and name.count("/") == 1
        and name not in instant.lengths
    ):
        return  # a segment that began after the instant
    try:
        fd = os.open(root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # taken away meanwhile, as a saved item may be
    with os.fdopen(fd, "rb") as source:
        facts = os.fstat(fd)
        packer.add(name, source, instant.lengths.get(name, facts.st_size), mtime=facts.st_mtime)


def _verify(file: Path, clock: Clock, progress: Progress) -> None:
    """Unpack the copy elsewhere and verify its journal."""
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=f"{file.name}.verify-") as folder:
        root = Path(folder) / "home"
        root.mkdir(mode=0o700)
        try:
            _check(Home(root), unpack(file, root, progress), clock, progress)
        except BadBackup as error:
            raise BackupUnsound(error.sentence) from error


def _check(home: Home, card: Card, clock: Clock, progress: Progress) -> None:
    home.check()
    found = verified(home, clock, progress)
    if not found.is_clean:
        raise BadBackup(f"its journal is not sound: {sentence(found)}")
    _, point = checkpoint.last(home.journal)
    if (point.seq if point else 0) != card.seq:
        raise BadBackup("its journal ends elsewhere than its card says")


def _empty(root: Path) -> None:
    for path in root.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _size(root: Path) -> int:
    return sum(path.lstat().st_size for path in root.rglob("*"))
