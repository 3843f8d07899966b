"""Keeps what was built outside the checkout, by digest, so that equal source is compiled once a machine."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KEPT = 8  # builds of older sources, for whoever goes back and forth between branches


def cache_root(environ: Mapping[str, str]) -> Path:
    """Name the folder of this user's builds."""
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "rhai-py").absolute()


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Let one build at a time into the cache."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("rhai-py: another build of the guest is under way, waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def keep(files: Mapping[str, bytes], at: Path) -> None:
    """Put the files of one build into the cache, all at once."""
    at.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".", dir=at.parent))
    write_files(files, scratch)
    shutil.rmtree(at, ignore_errors=True)  # a damaged one
    scratch.rename(at)
    _prune(at.parent)


def write_files(files: Mapping[str, bytes], into: Path) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def place(content: bytes, at: Path) -> bool:
    """Make a file have this content, in one step; tell whether it had to be changed."""
    if at.is_file() and at.read_bytes() == content:
        return False
    at.parent.mkdir(parents=True, exist_ok=True)
    descriptor, scratch = tempfile.mkstemp(prefix=".", dir=at.parent)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(content)
    os.chmod(scratch, 0o644)  # noqa: PTH101 - mkstemp's name; a wheel takes the mode over
    Path(scratch).replace(at)
    return True


def _prune(builds: Path) -> None:
    newest = sorted(builds.iterdir(), key=lambda build: build.stat().st_mtime, reverse=True)
    for old in newest[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
