"""The file of a plugin that people edit: read and written below `plugins/`, never through a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import disk
from neira.errors.disk import BadPath

if TYPE_CHECKING:
    from pathlib import Path

ROOT = "plugins/"
_OWN = ("plugins/store/", "plugins/index.json")


def read(home: Path, path: str, *, limit: int) -> bytes:
    """Read the bytes at an entry."""
    check(path)
    return disk.read_regular(home, path, limit=limit)


def write(home: Path, path: str, data: bytes) -> None:
    """Put bytes at an entry, for people to edit."""
    check(path)
    folder = home
    for part in path.split("/")[:-1]:
        folder = folder / part
        if folder.is_symlink():
            raise BadPath(path, "a link stands on the way")
        folder.mkdir(exist_ok=True)
    disk.write_atomic(home / path, data)


def check(path: str) -> None:
    """Refuse a path that is not a plain one below plugins/, or that is the registry's own."""
    parts = path.split("/")
    if not path.startswith(ROOT) or any(part in {"", ".", ".."} or part.startswith(".") for part in parts):
        raise BadPath(path, "an entry is a plain path below plugins/")
    if path.startswith(_OWN):
        raise BadPath(path, "this place belongs to the registry")
