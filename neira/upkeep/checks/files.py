"""Checks of the folder itself: is it a home, is it private, is there room, who holds its locks."""

from __future__ import annotations

import os
import shutil
import stat
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from neira.errors.home import NewerFormat, NotAHome
from neira.home import FORMAT
from neira.journal import keys
from neira.upkeep.finding import fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from neira.upkeep.finding import Finding, Look

MB = 1024 * 1024
LOW, EMPTY = 1024 * MB, 64 * MB  # free bytes below which a home is warned of, and is in trouble
FEW_FILES = 1000  # free inodes
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_PROC_LOCKS = Path("/proc/locks")
_LOCK_FIELDS = 6


def is_home(look: Look) -> Iterator[Finding]:
    """Look for the card and the folders."""
    try:
        number = look.home.check()
    except NotAHome as error:
        yield fail("home", error.sentence, error.hint)
        return
    except NewerFormat as error:
        yield fail("home", error.sentence, error.hint)
        return
    missing = [folder.relative_to(look.home.root) for folder in look.home.folders() if not folder.is_dir()]
    if number < FORMAT:
        yield warn(
            "home",
            f"format {number} is older than this Neira's {FORMAT}",
            "run `neira backup FILE`, then `neira migrate`",
        )
    elif missing:
        names = ", ".join(map(str, missing))
        yield warn(
            "home", f"folders are missing: {names}", "`neira init DIR` makes them; it changes nothing else"
        )
    else:
        yield ok("home", f"format {number}")


def signing_key(look: Look) -> Iterator[Finding]:
    """Look whether the journal can be signed and its signatures checked."""
    remedy = "bring .neira/keys back from a backup: without it nobody can tell whether the journal was cut"
    key = keys.signing(look.home.root)
    check = b"neira doctor"
    if keys.public(look.home.root).confirm(key.id, key.sign(check), check):
        yield ok("keys", f"the journal is signed with key {key.id}")
    else:
        yield fail("keys", f"the public half of key {key.id} is missing or another one", remedy)


def private_files(look: Look) -> Iterator[Finding]:
    """Look who else may read the keys or write the home."""
    wrong = [*_readable(look.home.private), *_writable(look), *_foreign(look)]
    if wrong:
        remedy = "chmod -R go-rwx .neira; chmod go-w the rest; chown it to the user that runs Neira"
        yield warn("permissions", "; ".join(wrong[:10]), remedy)
    else:
        yield ok("permissions", "keys are private; only the owner writes the home")


def room(look: Look) -> Iterator[Finding]:
    """Look how much the disk still takes."""
    free, inodes = shutil.disk_usage(look.home.root).free, os.statvfs(look.home.root)
    text = f"{free // MB} MB free"
    remedy = "free some space; a full disk makes every change and event a 503"
    if free < EMPTY or (inodes.f_files and inodes.f_favail < FEW_FILES):
        yield fail("disk", f"{text}, {inodes.f_favail} files free", remedy)
    elif free < LOW:
        yield warn("disk", text, remedy)
    else:
        yield ok("disk", text)


def writable(look: Look) -> Iterator[Finding]:
    """Look whether the home can be written at all."""
    places = (look.home.root, look.home.journal, look.home.plugins, look.home.private)
    shut = [
        place.name or "the home"
        for place in places
        if place.is_dir() and not os.access(place, os.W_OK | os.X_OK)
    ]
    if shut:
        yield fail(
            "writing",
            f"not writable: {', '.join(shut)}",
            "mount the disk for writing, or run as the owner of the home",
        )
    else:
        yield ok("writing", "the home can be written")


def locks(look: Look) -> Iterator[Finding]:
    """Name the processes that hold a lock of the home now."""
    holders = _holders() if _PROC_LOCKS.exists() else {}
    held = [
        f"{path.name} by process {holders[path.stat().st_ino]}"
        for path in sorted(look.home.locks.glob("*"))
        if path.stat().st_ino in holders
    ]
    yield ok("locks", ", ".join(held) if held else "no lock is held")


def _readable(private: Path) -> Iterator[str]:
    places = chain([private], private.glob("*"), (private / "keys").glob("*"))
    for path in sorted(places):
        inside = path.parent != private.parent  # behind a closed folder only the keys matter by themselves
        secret = path == private or path.suffix == ".ed25519" or path.name == "tokens.json"
        if path.exists() and stat.S_IMODE(path.lstat().st_mode) & _OTHERS and (secret or not inside):
            yield f"{path.name} may be read by others"


def _writable(look: Look) -> Iterator[str]:
    for folder in (look.home.root, *look.home.folders()):
        if folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) & _OTHERS_WRITE:
            yield f"{folder.name or 'the home'} may be written by others"


def _foreign(look: Look) -> Iterator[str]:
    me = os.geteuid()
    for folder in (look.home.root, *look.home.folders()):
        if folder.is_dir() and me and folder.stat().st_uid != me:
            yield f"{folder.name or 'the home'} belongs to another user"


def _holders() -> Mapping[int, str]:
    """Read which process locks which inode; the machine's own table."""
    found = {}
    for line in _PROC_LOCKS.read_text(encoding="ascii", errors="replace").splitlines():
        fields = line.split()
        if len(fields) >= _LOCK_FIELDS and "->" not in fields:
            found[int(fields[5].rpartition(":")[2])] = fields[4]
    return found
