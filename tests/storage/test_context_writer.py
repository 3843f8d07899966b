"""Writing items: each once, in order, whole, with the host's word first, whatever lies in the folders."""

from __future__ import annotations

import ctypes
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from neira.errors.disk import BadPath, DiskFull, FsyncFailed
from neira.errors.input import BadId
from neira.storage.context_attachments import attachment
from neira.storage.context_files import LONGEST_LINE, Position, Wanted, steps
from neira.storage.context_lines import LARGE, LARGE_TEXT
from neira.storage.context_writer import Place
from tests.storage.context_worlds import NOTE, World, item

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Open a writer on an empty folder."""
    return World(tmp_path)


def test_an_item_is_one_line_with_the_hosts_word_first(world: World) -> None:
    """The host's keys, then those of the plugin, as readers read them."""
    world.save(7, number=2, text="Первая", size=3)
    assert list(world.lines()[0].items()) == [
        ("id", "01890000-0000-7000-8000-000000000007.2"), ("seq", 7), ("ts", "2026-01-02T03:04:05.000006Z"),
        ("plugin", "ui.pencil"), ("version", "0.1.0"), ("actor", "token:a"),
        ("event_id", "01890000-0000-7000-8000-000000000007"), ("text", "Первая"), ("size", 3),
    ]  # fmt: skip
    (found,) = [step.item for step in steps(world.context, Wanted(), Position()) if step.item]
    assert (found["type"], found["chat_id"], found["session_id"], found["text"]) == (
        "note",
        "c",
        "s",
        "Первая",
    )


def test_a_key_of_the_host_cannot_be_taken_and_is_not_lost(world: World) -> None:
    """What a plugin says under such a name stands under `own`, also what it says under `own`."""
    world.save(1, plugin="root", seq=99, type="message", chat_id="x", own=1, text="t")
    line = world.lines()[0]
    assert (line["plugin"], line["seq"], line["text"]) == ("ui.pencil", 1, "t")
    assert line["own"] == {"plugin": "root", "seq": 99, "type": "message", "chat_id": "x", "own": 1}


def test_a_plugin_may_repeat_where_its_item_lies(world: World) -> None:
    """That says nothing new, so it is not written."""
    world.save(1, chat_id="c", session_id="s", type="note", text="t")
    assert not world.lines()[0].keys() & {"own", "chat_id", "session_id", "type"}


def test_what_is_there_is_not_written_again(world: World) -> None:
    """In the same process, in the next one, and when two take turns."""
    other = World(world.root)
    for seq in (1, 2):
        world.save(seq)
        other.save(seq)
    other.save(3)
    for seq in (1, 2, 3, 4):
        world.save(seq)
    world.restart()
    for seq in (2, 3, 4):
        world.save(seq)
        world.save(seq, number=1)
    assert [line["id"][-3:] for line in world.lines()] == ["1.0", "2.0", "3.0", "4.0", "4.1"]


def test_places_do_not_meet(world: World) -> None:
    """Chat, session and type are each a file."""
    places = [Place(chat, session, kind) for chat in "cd" for session in "st" for kind in ("note", "message")]
    for place in places:
        world.save(1, place)
    assert [world.seqs(place) for place in places] == [[1]] * 8


@pytest.mark.parametrize("name", ["", "..", "a/b", "CON", ".x", "a\n", "é", "x" * 129])
def test_a_name_that_is_no_id_is_no_place(name: str) -> None:
    """It is refused before it meets a path."""
    for made in ((name, "s", "note"), ("c", name, "note"), ("c", "s", name)):
        with pytest.raises(BadId):
            Place(*made)


@pytest.mark.parametrize(
    "end",
    [b'{"id": "x.1", "se', b"\xff\xfe\n", b"[]\n", b"\0\0\0\n", b"\0" * 70_000, b'{"a":1}{\n{"b"', b'"'],
)
def test_a_torn_end_is_cut_off(world: World, end: bytes) -> None:
    """Whatever a killed writer or a power cut left behind the last whole line."""
    world.save(1)
    with world.path().open("ab") as file:
        file.write(end)
    world.save(2)
    assert world.seqs() == [1, 2]


def test_pages_that_a_power_cut_lost_are_written_again(world: World) -> None:
    """Zeros in the middle: the whole lines behind them do not hide that lines are missing."""
    for seq in range(1, 6):
        world.save(seq)
    raw = bytearray(world.path().read_bytes())
    at = raw.index(b'"seq":2')
    raw[at : at + 40] = bytes(40)
    world.path().write_bytes(raw)
    world.restart()
    for seq in range(1, 7):
        world.save(seq)
    assert world.seqs() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "line", ['{"text":"by hand"}', '{"id":"x","seq":9}', '{"id":"x.1","seq":true}', '{"id":1,"seq":9}', "  "]
)
@pytest.mark.parametrize("ending", ["\n", ""])
def test_lines_of_people_stay_and_say_nothing_of_what_was_reached(
    world: World, line: str, ending: str
) -> None:
    """Also where they forgot the last newline."""
    world.save(1)
    with world.path().open("a") as file:
        file.write(line + ending)
    for seq in (1, 2):
        world.save(seq)
    raw = world.path().read_text().splitlines()
    assert [line] == raw[1:2]
    assert [json.loads(each)["seq"] for each in (raw[0], raw[2])] == [1, 2]


def test_a_line_that_is_too_long_for_us_stays(world: World) -> None:
    """Somebody else wrote it; what was reached stands before it."""
    world.save(5)
    with world.path().open("a") as file:
        file.write('{"text":"' + "x" * (LONGEST_LINE + 200_000) + '"}\n')
    world.restart()
    for seq in (5, 6):
        world.save(seq)
    raw = world.path().read_bytes().splitlines()
    assert [len(line) > LONGEST_LINE for line in raw] == [False, True, False]


def test_lines_of_another_journal_hide_nothing(tmp_path: Path) -> None:
    """A context folder that was copied to a new home has lines of records that are still to come there."""
    old = World(tmp_path)
    for seq in (500, 501):
        old.save(seq)
    new = World(tmp_path, head=9)
    for seq in (3, 4, 3, 4, 9):
        new.save(seq)
    assert new.seqs() == [500, 501, 3, 4, 9]


def test_links_and_strange_files_are_refused(world: World, tmp_path: Path) -> None:
    """As a chat, as a file; nothing behind them is touched, and no path of the host is told."""
    outside = tmp_path / "outside"
    outside.mkdir()
    secret = outside / "s.notes.ndjson"
    secret.write_text('{"id":"x.0","seq":1}')
    for chat in "abde":
        (world.context / chat).mkdir(parents=True)
    (world.context / "c").symlink_to(outside)
    (world.context / "a" / "s.notes.ndjson").symlink_to(secret)
    (world.context / "b" / "s.notes.ndjson").mkdir()
    os.mkfifo(world.context / "d" / "s.notes.ndjson")
    (world.context / "e" / "s.notes.ndjson").symlink_to("/dev/null")
    (world.context / "f").write_text("a file")
    for chat in "abcdef":
        with pytest.raises(BadPath) as caught:
            world.save(2, Place(chat, "s", "note"))
        assert str(tmp_path) not in str(caught.value)
    assert secret.read_text() == '{"id":"x.0","seq":1}'
    assert [path.name for path in outside.iterdir()] == [secret.name]


def test_a_file_that_was_replaced_is_looked_at_again(world: World) -> None:
    """Size and number of a file have to be what they were."""
    world.save(1)
    world.save(2)
    first = world.path().read_bytes().splitlines(keepends=True)[0]
    world.path().unlink()
    world.path().write_bytes(first)
    world.save(2)
    assert world.seqs() == [1, 2]


def test_large_lists_become_attachments(world: World) -> None:
    """The line holds digest and size; the bytes are the JSON as it was, each written once."""
    points = [[x, x] for x in range(5_000)]
    world.save(1, points=points, color="red")
    world.save(2, points=points)
    line = world.lines()[0]
    kept = line["points"]
    assert (line["color"], set(kept)) == ("red", {"attachment", "bytes"})
    raw = attachment(world.context, "c", kept["attachment"])
    assert (json.loads(raw), len(raw)) == (points, kept["bytes"])
    assert world.attachments() == {kept["attachment"]}


@pytest.mark.parametrize("extra", [0, 1])
def test_the_limits_of_a_line_are_exact(world: World, extra: int) -> None:
    """A list of so many bytes stays, one byte more moves; a text may be longer, for it is searched."""
    world.save(1, list=["x" * (LARGE - 4 + extra)], text="y" * (LARGE_TEXT - 2 + extra))
    line = world.lines()[0]
    assert [isinstance(line[key], dict) for key in ("list", "text")] == [bool(extra)] * 2


def test_a_line_is_never_longer_than_readers_read(world: World) -> None:
    """If many values are just small enough, the whole body moves."""
    body: dict[str, Any] = {f"k{n}": "x" * 200_000 for n in range(8)}
    world.writer.append(NOTE, item(1, 0, **body))
    kept = world.lines()[0]["own"]["attachment"]
    assert json.loads(attachment(world.context, "c", kept)) == body
    assert world.path().stat().st_size < LONGEST_LINE


def test_an_attachment_is_checked_when_it_is_read(world: World) -> None:
    """Other bytes, a link, a name that is no digest, a chat that is none."""
    world.save(1, points=list(range(20_000)))
    digest = world.lines()[0]["points"]["attachment"]
    path = world.context / "c" / "attachments" / digest
    path.chmod(0o600)
    path.write_bytes(b"[]")
    for name in (digest, "0" * 64):
        with pytest.raises(BadPath):
            attachment(world.context, "c", name)
    for chat, name in (("..", digest), ("c", "../s.notes.ndjson")):
        with pytest.raises(BadId):
            attachment(world.context, chat, name)


def test_a_damaged_attachment_is_written_anew(world: World) -> None:
    """A repetition finds that its size is another."""
    world.save(1, points=list(range(20_000)))
    digest = world.lines()[0]["points"]["attachment"]
    (world.context / "c" / "attachments" / digest).write_bytes(b"torn")
    world.save(2, points=list(range(20_000)))
    assert json.loads(attachment(world.context, "c", digest)) == list(range(20_000))


def test_settling_confirms_what_other_processes_wrote(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what was found there already: who wrote it may have been killed. Each file is asked for once."""
    confirmed: list[str] = []
    monkeypatch.setattr("os.fsync", lambda fd: confirmed.append(_name(fd)))
    World(world.root).save(1)
    world.save(1)
    world.save(2, Place("d", "s", "note"))
    world.writer.settle()
    assert sorted(confirmed) == ["c", "context", "d", "s.notes.ndjson", "s.notes.ndjson"]
    world.writer.settle()
    assert len(confirmed) == 5
    World(world.root).save(2)
    world.writer.settle()
    assert confirmed[5:] == ["s.notes.ndjson", "c", "context"]


def test_settling_survives_what_is_gone_or_strange(world: World, tmp_path: Path) -> None:
    """A file that was removed, a chat that is a link by now."""
    for chat in "cd":
        world.save(1, Place(chat, "s", "note"))
    world.path().unlink()
    (world.context / "d").rename(tmp_path / "moved")
    (world.context / "d").symlink_to(tmp_path / "moved")
    world.writer.settle()


def test_a_disk_that_refused_once_is_not_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark must not pass what may be lost."""
    world.save(1)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", _refuse)
        with pytest.raises(FsyncFailed):
            world.writer.settle()
    with pytest.raises(FsyncFailed):
        world.writer.settle()


def test_nothing_stays_open(world: World) -> None:
    """But the two lists."""
    world.save(1, points=list(range(20_000)))
    before = descriptors()
    for seq in range(2, 8):
        world.save(seq, Place(f"c{seq}", "s", "note"), points=list(range(20_000)))
        world.writer.settle()
        world.writer.remove(f"c{seq}", "s")
    world.writer.settle()
    assert descriptors() <= before
    world.writer.close()
    assert descriptors() <= before - 2


@pytest.fixture
def full(tmp_path: Path) -> Iterator[World]:
    """Mount a disk of 64 KB, where that is allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() != 0 or libc.mount(b"tmpfs", str(small).encode(), b"tmpfs", 0, b"size=64k") != 0:
        pytest.skip("only root may mount a small disk")
    try:
        yield World(small)
    finally:
        libc.umount2(str(small).encode(), 2)


def test_a_full_disk_leaves_no_torn_line(full: World) -> None:
    """The refusal says what to do; when there is room again, the item is written once."""
    full.save(1)
    filler = full.root / "filler"
    filler.write_bytes(bytes(16 << 10))
    written = saved_until_refused(full)
    assert 1 < written < 100
    assert full.seqs() == list(range(1, written + 1))
    filler.unlink()
    for seq in range(1, written + 2):
        full.save(seq, text="y" * 500)
    assert full.seqs() == list(range(1, written + 2))


def saved_until_refused(full: World) -> int:
    """Append until the disk is full, and say how many items it took."""
    for seq in range(1, 1_000):
        try:
            full.save(seq, text="y" * 500)
        except DiskFull:
            return seq - 1
    return 0


def test_the_applier_may_give_any_json(world: World) -> None:
    """Line breaks of all kinds stay inside the line."""
    body: dict[str, Any] = {
        "a": "x\n\r\u2028\u0085\0y",
        "b": None,
        "c": [True, 1.5, {"": []}],
        "ключ": "значение",
    }
    world.writer.append(NOTE, item(1, 0, **body))
    assert {key: world.lines()[0][key] for key in body} == body


def _name(fd: int) -> str:
    return Path(f"/proc/self/fd/{fd}").readlink().name


def descriptors() -> int:
    """Count what this process holds open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _refuse(_: int) -> None:
    raise OSError(5, "Input/output error")
