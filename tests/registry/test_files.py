"""The store and the entries: bytes by digest, files below plugins/ and nowhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from neira.errors.disk import BadPath
from neira.errors.registry import ArtifactMissing, DigestMismatch
from neira.registry import entry
from neira.registry.artifacts import ArtifactStore, digest_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a home's folders."""
    for folder in ("plugins/store", "plugins/scripts"):
        (tmp_path / "home" / folder).mkdir(parents=True)
    return tmp_path / "home"


def test_bytes_come_back_by_their_digest(root: Path) -> None:
    """Putting them twice is one file."""
    store = ArtifactStore(root)
    assert store.put(b"code") == store.put(b"code") == digest_of(b"code")
    assert store.get(digest_of(b"code")) == b"code"


def test_missing_and_damaged_bytes_are_named(root: Path) -> None:
    """A lost file, a flipped bit, a folder in its place; putting the bytes again heals it."""
    store = ArtifactStore(root)
    digest = store.put(b"code")
    path = root / "plugins/store" / digest[:2] / digest
    path.write_bytes(b"c0de")
    with pytest.raises(DigestMismatch):
        store.get(digest)
    store.put(b"code")
    assert store.get(digest) == b"code"
    path.unlink()
    with pytest.raises(ArtifactMissing):
        store.get(digest)
    path.mkdir()
    with pytest.raises(ArtifactMissing):
        store.get(digest)


def test_a_linked_folder_of_the_store_is_not_followed(root: Path, tmp_path: Path) -> None:
    """Neither for reading nor for writing."""
    digest = digest_of(b"code")
    (tmp_path / "elsewhere").mkdir()
    (root / "plugins/store" / digest[:2]).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadPath):
        ArtifactStore(root).put(b"code")
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    "path",
    ["../x.rhai", "/etc/passwd", "plugins/../../x", "plugins//x", "plugins/./x", "journal/000001.ndjson",
     "plugins/store/ab/cd", "plugins/index.json", "plugins/.hidden", "plugins/scripts/missing.rhai"],
)  # fmt: skip
def test_an_entry_lies_below_plugins(root: Path, path: str) -> None:
    """Everything else is refused before it is opened."""
    with pytest.raises(BadPath):
        entry.read(root, path, limit=100)


def test_an_entry_is_a_plain_file_of_bounded_size(root: Path, tmp_path: Path) -> None:
    """Links, pipes, folders and huge files are refused at once."""
    scripts = root / "plugins/scripts"
    (tmp_path / "secret").write_text("secret")
    (scripts / "link.rhai").symlink_to(tmp_path / "secret")
    os.mkfifo(scripts / "pipe.rhai")
    (scripts / "folder.rhai").mkdir()
    with (scripts / "huge.rhai").open("wb") as huge:
        huge.truncate(1 << 32)
    for name in ("link", "pipe", "folder", "huge"):
        with pytest.raises(BadPath):
            entry.read(root, f"plugins/scripts/{name}.rhai", limit=1 << 20)


def test_an_entry_is_never_written_through_a_link(root: Path, tmp_path: Path) -> None:
    """A linked folder on the way is refused."""
    (tmp_path / "elsewhere").mkdir()
    (root / "plugins/linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadPath):
        entry.write(root, "plugins/linked/x.rhai", b"code")
    entry.write(root, "plugins/scripts/deep/x.rhai", b"code")
    assert entry.read(root, "plugins/scripts/deep/x.rhai", limit=10) == b"code"
