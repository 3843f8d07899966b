"""Backups: complete, consistent while events arrive, and safe to unpack whatever the file holds."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import threading
from typing import TYPE_CHECKING, Any

import pytest

from neira.errors.backup import BackupExists, BackupUnsound, NotEmpty
from neira.errors.home import BadBackup, NewerFormat
from neira.home import Home
from neira.kernel import Kernel
from neira.model import ChangeNote, Draft
from neira.settings import load
from neira.upkeep.backup import backup, restore
from neira.upkeep.backup_file import CARD
from tests.fakes import SteppedClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def silent(done: int, total: int) -> None:
    """Show nothing."""


def bring(file: Path, root: Path) -> Any:
    """Restore as a test does."""
    return restore(file, root, actor="test", clock=SteppedClock(), progress=silent)


def note(number: int) -> Draft:
    """Draft a record."""
    return Draft("event.received", "test", ChangeNote(f"event {number}"), "event", payload={"n": number})


def test_a_copy_has_everything_but_locks_and_what_is_derived(
    home: Path, clock: SteppedClock, tmp_path: Path
) -> None:
    """Keys and journal are in it, only its owner may read it."""
    (home / "plugins" / "scripts" / "a.rhai").write_text("1", encoding="utf-8")
    file = tmp_path / "b.tgz"
    backup(Home(home), file, clock=clock, progress=silent)
    with tarfile.open(file) as tar:
        names = set(tar.getnames())
    assert {".neira/keys/journal.ed25519", "plugins/scripts/a.rhai", "journal/000001.ndjson", CARD} <= names
    assert not [name for name in names if "locks" in name or name.endswith(("sqlite", "shared"))]
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tgz", "home"]


def test_links_are_left_out_and_named(home: Path, clock: SteppedClock, tmp_path: Path) -> None:
    """A link may lead anywhere, so it is not followed."""
    (home / "plugins" / "out").symlink_to(tmp_path)
    assert backup(Home(home), tmp_path / "b.tgz", clock=clock, progress=silent).skipped == ("plugins/out",)


def test_a_backup_replaces_nothing(home: Path, clock: SteppedClock, tmp_path: Path) -> None:
    """An existing file stays as it is."""
    (tmp_path / "b.tgz").write_bytes(b"mine")
    with pytest.raises(BackupExists):
        backup(Home(home), tmp_path / "b.tgz", clock=clock, progress=silent)
    assert (tmp_path / "b.tgz").read_bytes() == b"mine"


def test_a_copy_taken_while_events_arrive_is_sound(home: Path, tmp_path: Path) -> None:
    """It ends at one record, verifies, and the writer loses nothing."""
    from neira.clock import SystemClock  # noqa: PLC0415 - threads wait in real time here alone

    clock, stop = SystemClock(), threading.Event()
    with Kernel.open(home, load(home, {}), clock=clock) as kernel:

        def write() -> None:
            number = 0
            while not stop.is_set():
                kernel.journal.append(note(number := number + 1))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            copied = [
                backup(Home(home), tmp_path / f"{n}.tgz", clock=clock, progress=silent) for n in range(3)
            ]
        finally:
            stop.set()
            writer.join()
        last = kernel.journal.tail()[0]
    assert copied[0].seq <= copied[1].seq <= copied[2].seq <= last
    assert bring(tmp_path / "2.tgz", tmp_path / "back").seq == copied[2].seq


def test_a_damaged_home_is_not_backed_up_as_if_it_were_sound(
    home: Path, clock: SteppedClock, tmp_path: Path
) -> None:
    """The file is not kept, and the reason is named."""
    segment = home / "journal" / "000001.ndjson"
    segment.write_bytes(segment.read_bytes().replace(b"was created", b"was creates"))
    with pytest.raises(BackupUnsound):
        backup(Home(home), tmp_path / "b.tgz", clock=clock, progress=silent)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_restore_needs_an_empty_folder(home: Path, clock: SteppedClock, tmp_path: Path) -> None:
    """Neither a full folder nor a link to an empty one is written into."""
    file = tmp_path / "b.tgz"
    backup(Home(home), file, clock=clock, progress=silent)
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    for place in (home, tmp_path / "link", file):
        with pytest.raises(NotEmpty):
            bring(file, place)


def repacked(file: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> Path:
    """Write a backup anew with its members changed."""
    with tarfile.open(file) as tar:
        members = [(member, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    change(members)
    other = file.with_name("other.tgz")
    with tarfile.open(other, "w:gz") as tar:
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return other


def extra(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    """Make a member that no backup of ours has."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, link, 0
    return member, b""


HOSTILE = {
    "parent": extra("../evil"),
    "inner parent": extra("plugins/../../evil"),
    "absolute": extra("/tmp/evil"),
    "backslash": extra("plugins\\..\\..\\evil"),
    "unknown folder": extra("etc/evil"),
    "lock": extra(".neira/locks/change.lock"),
    "symlink": extra("plugins/link", tarfile.SYMTYPE, "/"),
    "hard link": extra("plugins/hard", tarfile.LNKTYPE, ".neira/home.json"),
    "device": extra("plugins/null", tarfile.CHRTYPE),
    "pipe": extra("plugins/pipe", tarfile.FIFOTYPE),
    "folder": extra("plugins/scripts", tarfile.DIRTYPE),
    "twice": extra(".neira/home.json"),
    "not in the card": extra("plugins/scripts/more.rhai"),
    "bell": extra("plugins/\x07"),
    "deep": extra("plugins/" + "a/" * 40 + "b"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_member_is_refused_and_nothing_stays(
    home: Path, clock: SteppedClock, tmp_path: Path, case: str
) -> None:
    """Nothing lands outside the folder, and the folder is empty again."""
    file = tmp_path / "b.tgz"
    backup(Home(home), file, clock=clock, progress=silent)
    before = {path for path in tmp_path.rglob("*") if "back" not in path.name}
    with pytest.raises(BadBackup):
        bring(repacked(file, lambda members: members.insert(-1, HOSTILE[case])), tmp_path / "back")
    assert list((tmp_path / "back").iterdir()) == []
    assert {path for path in tmp_path.rglob("*") if path.name not in {"back", "other.tgz"}} == before


def test_an_altered_file_is_found(home: Path, clock: SteppedClock, tmp_path: Path) -> None:
    """A byte that changed on the way does not come home."""
    file = tmp_path / "b.tgz"
    backup(Home(home), file, clock=clock, progress=silent)

    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        place = next(n for n, (member, _) in enumerate(members) if member.name == "capabilities/gates.yaml")
        member, data = members[place]
        members[place] = (member, data[:-1] + b"#")

    with pytest.raises(BadBackup):
        bring(repacked(file, change), tmp_path / "back")


@pytest.mark.parametrize("flaw", ["cut", "no card", "not gzip", "empty"])
def test_a_file_that_is_not_whole_is_refused(
    home: Path, clock: SteppedClock, tmp_path: Path, flaw: str
) -> None:
    """Whatever is missing, the answer is one sentence."""
    file = tmp_path / "b.tgz"
    backup(Home(home), file, clock=clock, progress=silent)
    raw = file.read_bytes()
    bad = {
        "cut": raw[: len(raw) // 2],
        "no card": repacked(file, lambda members: members.__delitem__(-1)).read_bytes(),
        "not gzip": b"neira" * 100,
        "empty": gzip.compress(b""),
    }[flaw]
    (tmp_path / "bad.tgz").write_bytes(bad)
    with pytest.raises(BadBackup):
        bring(tmp_path / "bad.tgz", tmp_path / "back")


def test_a_backup_of_a_newer_neira_is_refused_by_name(
    home: Path, clock: SteppedClock, tmp_path: Path
) -> None:
    """The card's format is looked at before anything is believed."""
    file = tmp_path / "b.tgz"
    backup(Home(home), file, clock=clock, progress=silent)

    def newer(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        member, data = members[-1]
        told = json.dumps({**json.loads(data), "format": 99}).encode()
        member.size = len(told)
        members[-1] = (member, told)

    with pytest.raises(NewerFormat):
        bring(repacked(file, newer), tmp_path / "back")
