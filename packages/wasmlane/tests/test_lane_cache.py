"""The disk keeps what was built, for its user alone, and anything wrong with it costs one more build."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wasmlane.cache import KEPT, Cache, default_folder

if TYPE_CHECKING:
    from collections.abc import Callable

NATIVE = bytes(range(256)) * 40
OTHER_USER = 12345
DAY = 86400
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


def test_what_was_built_once_is_read_later(tmp_path: Path) -> None:
    """A second process would find it; another key does not."""
    assert [builds(tmp_path / "c"), builds(tmp_path / "c"), builds(tmp_path / "c", "other")] == [1, 0, 1]


def test_without_a_folder_everything_is_built() -> None:
    """No disk at all is a choice, not a fault."""
    builder = Builder()
    cache = Cache(None)
    assert [cache.fetch("key", builder), cache.fetch("key", builder), builder.times] == [NATIVE, NATIVE, 2]


def test_folders_and_files_are_private(tmp_path: Path) -> None:
    """Nobody else may look in, not even into the parents that were made."""
    folder = tmp_path / "made" / "too"
    builds(folder)
    modes = [path.stat().st_mode & 0o777 for path in (folder.parent, folder, entry_in(folder))]
    assert modes == [0o700, 0o700, 0o600]


def test_an_open_folder_of_ours_is_closed(tmp_path: Path) -> None:
    """A cache made by a careless script is tightened and used."""
    tmp_path.chmod(0o777)
    assert [builds(tmp_path), builds(tmp_path), tmp_path.stat().st_mode & 0o777] == [1, 0, 0o700]


@pytest.mark.parametrize("key", ["line\nbreak", "nul\0", "x" * 1001, "\ud800"])
def test_a_key_that_cannot_be_written_down_is_a_mistake(tmp_path: Path, key: str) -> None:
    """Keys are made by programs; a strange one is a bug there."""
    with pytest.raises(ValueError, match="key"):
        Cache(tmp_path).fetch(key, Builder())


def flip(path: Path) -> None:
    """Damage one byte in the middle."""
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def link_away(path: Path) -> None:
    """Put a link to the very same bytes in the entry's place."""
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def fill_folder(path: Path) -> None:
    """Put a folder with something in it in the entry's place."""
    path.unlink()
    path.mkdir()
    (path / "thing").touch()


def link_to_nothing(path: Path) -> None:
    """Put a link that leads nowhere in the entry's place."""
    path.unlink()
    path.symlink_to("nothing")


def to_pipe(path: Path) -> None:
    """Put a pipe that nobody writes to in the entry's place."""
    path.unlink()
    os.mkfifo(path)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a flipped byte": flip,
    "cut short": lambda path: os.truncate(path, 200),
    "empty": lambda path: os.truncate(path, 0),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "far too large": lambda path: os.truncate(path, 1 << 40),
    "another version": lambda path: path.write_bytes(path.read_bytes().replace(b"cache 1", b"cache 0")),
    "writable by others": lambda path: path.chmod(0o666),
    "not readable": lambda path: path.chmod(0o020),
    "a link": link_away,
    "a link to nothing": link_to_nothing,
    "a folder": fill_folder,
    "a pipe": to_pipe,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_wrong_entry_is_built_anew_and_replaced(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """One more build, and the next fetch finds a good private entry again."""
    builds(tmp_path)
    damage(entry_in(tmp_path))
    assert [builds(tmp_path), builds(tmp_path)] == [1, 0]
    assert entry_in(tmp_path).lstat().st_mode & 0o177777 == 0o100600


@as_root
def test_an_entry_of_another_user_is_replaced(tmp_path: Path) -> None:
    """Whoever owns the file could have written it."""
    builds(tmp_path)
    os.chown(entry_in(tmp_path), OTHER_USER, -1)
    assert [builds(tmp_path), builds(tmp_path), entry_in(tmp_path).stat().st_uid] == [1, 0, os.geteuid()]


def test_an_entry_under_the_name_of_another_key_is_not_taken(tmp_path: Path) -> None:
    """The key stands inside the entry too."""
    builds(tmp_path, "first")
    first = entry_in(tmp_path)
    builds(tmp_path, "second")
    (second,) = set(tmp_path.glob("*.entry")) - {first}
    first.replace(second)
    assert builds(tmp_path, "second") == 1


@given(place=st.integers(0, 10_000), new=st.binary(max_size=8), size=st.integers(0, 8))
@settings(max_examples=50, deadline=None)
def test_no_damage_changes_what_is_given(
    tmp_path_factory: pytest.TempPathFactory, place: int, new: bytes, size: int
) -> None:
    """Whatever is overwritten, added or lost, the bytes that come are those that were built."""
    folder = tmp_path_factory.mktemp("cache")
    builds(folder)
    raw = entry_in(folder).read_bytes()
    changed = raw[:place] + new + raw[place + size :]
    entry_in(folder).write_bytes(changed)
    assert builds(folder) == (changed != raw)


def test_a_failing_build_is_the_callers_own(tmp_path: Path) -> None:
    """Its exception passes, nothing is kept, and the lock is free again."""
    with pytest.raises(ZeroDivisionError):
        Cache(tmp_path).fetch("key", lambda: bytes(1 // 0))
    assert builds(tmp_path) == 1


def test_only_the_entries_used_last_are_kept(tmp_path: Path) -> None:
    """The one that was used longest ago goes when a new one comes."""
    for number in range(KEPT):
        builds(tmp_path, f"key {number}")
    for age, path in enumerate(sorted(tmp_path.glob("*.entry"))):
        for each in (path, path.with_suffix(".lock")):
            os.utime(each, (age * DAY, age * DAY))
    oldest, second, *others = sorted(tmp_path.glob("*.entry"))
    assert builds(tmp_path, "one more") == 1
    assert not oldest.exists()
    assert all(path.exists() for path in (second, *others))
    assert not oldest.with_suffix(".lock").exists()
    assert second.with_suffix(".lock").exists()


def test_a_recent_hit_writes_nothing(tmp_path: Path) -> None:
    """The time of last use is kept to the hour."""
    builds(tmp_path)
    before = entry_in(tmp_path).stat().st_mtime
    for later, renewed in ((3599, False), (3601, True)):
        Cache(tmp_path, now=lambda later=later: before + later).fetch("key", Builder())  # type: ignore[misc]
        assert (entry_in(tmp_path).stat().st_mtime != before) is renewed


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_CACHE_HOME": "/x", "HOME": "/home/me"}, "/x/wasmlane"),
        ({"XDG_CACHE_HOME": "x", "HOME": "/home/me"}, "/home/me/.cache/wasmlane"),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/me"}, "/home/me/.cache/wasmlane"),
        ({}, str(Path.home() / ".cache/wasmlane")),
    ],
)
def test_the_default_folder_follows_the_desktop_standard(environ: dict[str, str], folder: str) -> None:
    """An absolute XDG_CACHE_HOME, or .cache at home."""
    assert default_folder(environ) == Path(folder)
