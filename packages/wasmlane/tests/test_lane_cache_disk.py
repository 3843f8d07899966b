"""A disk that is of no use costs a warning; others who build the same at once, or die at it, cost nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import warnings
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from wasmlane.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path

NATIVE = bytes(range(256)) * 40
OTHER_USER = 12345
START = """
import os, resource, signal, sys
from pathlib import Path
from wasmlane.cache import Cache
cache = Cache(Path(sys.argv[1]))
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


class Builder:
    """Builds the same bytes each time and counts how often."""

    times = 0

    def __call__(self) -> bytes:
        """Build."""
        self.times += 1
        return NATIVE


def entry_in(folder: Path) -> Path:
    """Find the one entry of a cache."""
    (found,) = folder.glob("*.entry")
    return found


def builds(folder: Path, key: str = "key") -> int:
    """Fetch with a new cache object, and say how often it had to build."""
    builder = Builder()
    assert Cache(folder).fetch(key, builder) == NATIVE
    return builder.times


def useless(folder: Path) -> list[str]:
    """Fetch twice from a folder that cannot be used, and give the warnings."""
    builder = Builder()
    cache = Cache(folder)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [cache.fetch("key", builder), cache.fetch("key", builder), builder.times] == [
            NATIVE,
            NATIVE,
            2,
        ]
    return [str(each.message) for each in caught]


def test_a_folder_that_cannot_be_made_costs_one_warning(tmp_path: Path) -> None:
    """The caller gets its bytes each time and hears of it once."""
    (tmp_path / "file").touch()
    assert len(useless(tmp_path / "file" / "cache")) == 1
    assert len(useless(tmp_path / "file")) == 1


def test_a_linked_folder_is_not_used(tmp_path: Path) -> None:
    """Nobody leads us to tighten or fill a folder that is something else."""
    (tmp_path / "real").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to("real")
    assert len(useless(tmp_path / "link")) == 1
    assert list((tmp_path / "real").iterdir()) == []


@as_root
def test_the_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    """It could be filled by them at any time."""
    os.chown(tmp_path, OTHER_USER, -1)
    assert "belongs to another user" in " ".join(useless(tmp_path))
    assert list(tmp_path.iterdir()) == []


def in_a_process(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a few lines with a cache of this folder in another process."""
    command = [sys.executable, "-c", START + code, str(folder)]
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=path)


def test_a_full_disk_costs_one_warning_and_leaves_nothing(tmp_path: Path) -> None:
    """A file that cannot be written whole is not there at all."""
    done = in_a_process(
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "print([len(cache.fetch('key', lambda: bytes(100_000))) for _ in range(2)])",
        tmp_path,
    )
    assert (done.stdout, done.stderr.count("RuntimeWarning")) == ("[100000, 100000]\n", 1)
    assert list(tmp_path.glob("*.entry")) + list(tmp_path.glob("*.part")) == []


@as_root
def test_a_folder_that_only_may_be_read_still_serves(tmp_path: Path) -> None:
    """Old entries are found, new ones are built with one warning."""
    folder = tmp_path / "cache"
    code = (
        f"os.setuid({OTHER_USER})\nprint([cache.fetch(key, lambda: b'new') for key in ('old', 'new', 'new')])"
    )
    Cache(folder).fetch("old", lambda: b"old")
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == os.geteuid() and path.name.startswith(("pytest", "popen", tmp_path.name)):
            path.chmod(0o755)
    for path in (*folder.iterdir(), folder):
        os.chown(path, OTHER_USER, OTHER_USER)
    folder.chmod(0o500)
    done = in_a_process(code, folder)
    assert done.stdout == "[b'old', b'new', b'new']\n", done.stderr
    assert done.stderr.count("RuntimeWarning") == 1


def test_a_process_killed_while_it_writes_leaves_a_usable_cache(tmp_path: Path) -> None:
    """Half an entry is never under an entry's name, and its lock died with it."""
    code = (
        "os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
        "cache.fetch('key', lambda: bytes(100_000))"
    )
    assert in_a_process(code, tmp_path).returncode == -9
    (part,) = tmp_path.glob("*.part")
    assert [builds(tmp_path), builds(tmp_path)] == [1, 0]
    os.utime(part, (0, 0))
    builds(tmp_path, "later")
    assert not part.exists()


def slowly(folder: Path, log: Path) -> bytes:
    """Fetch with a build that takes a moment and leaves a line."""

    def build() -> bytes:
        with log.open("a") as lines:
            lines.write("built\n")
        threading.Event().wait(0.3)
        return NATIVE

    return Cache(folder).fetch("key", build)


@pytest.mark.parametrize("kind", ["processes", "threads"])
def test_those_who_miss_at_once_build_once(tmp_path: Path, kind: str) -> None:
    """One builds, the others wait and read."""
    arguments = (tmp_path / "cache", tmp_path / "log")
    make = get_context("spawn").Process if kind == "processes" else threading.Thread
    running = [make(target=slowly, args=arguments) for _ in range(4)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    assert (tmp_path / "log").read_text() == "built\n"


def test_a_build_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    """After its patience a caller builds for itself."""
    started, over = threading.Event(), threading.Event()

    def stuck() -> bytes:
        started.set()
        over.wait(30)
        return NATIVE

    thread = threading.Thread(target=lambda: Cache(tmp_path).fetch("key", stuck))
    thread.start()
    started.wait(30)
    assert Cache(tmp_path, patience=0.1).fetch("key", lambda: b"own") == b"own"
    over.set()
    thread.join()


def test_a_child_forked_while_building_does_not_keep_the_lock(tmp_path: Path) -> None:
    """The parent gives its turn up for both."""
    reader, writer = os.pipe()

    def build() -> bytes:
        child = os.fork()
        if child == 0:
            os.read(reader, 1)
            os._exit(0)
        children.append(child)
        return NATIVE

    children: list[int] = []
    Cache(tmp_path).fetch("key", build)
    entry_in(tmp_path).unlink()
    late = Cache(tmp_path, patience=1000).fetch("key", lambda: b"late")
    os.write(writer, b"x")
    os.waitpid(children[0], 0)
    os.close(reader)
    os.close(writer)
    assert late == b"late"
