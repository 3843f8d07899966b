"""Removing items: the rest stays as it was, attachments go with their last item, repeating is harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.errors.disk import BadPath
from neira.errors.input import BadId
from neira.storage.context_writer import Place
from tests.storage.context_worlds import NOTE, World, item

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = Place("c", "s", "message")
POINTS, OTHERS = list(range(20_000)), list(range(30_000))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Save three notes and a message; the first two notes share a list."""
    world = World(tmp_path)
    world.save(1, points=POINTS)
    world.save(2, points=POINTS)
    world.save(3, points=OTHERS, text="x")
    world.save(4, MESSAGE, text="y")
    return world


def name(seq: int) -> str:
    """Give the id of an item."""
    return str(item(seq).host["id"])


def test_one_item_goes_and_the_rest_stays(world: World) -> None:
    """Byte for byte; then what comes next is appended."""
    before = world.path().read_bytes().splitlines(keepends=True)
    assert world.writer.remove("c", "s", name(2)) == 1
    assert world.path().read_bytes().splitlines(keepends=True) == [before[0], before[2]]
    world.save(5)
    assert (world.seqs(), world.seqs(MESSAGE)) == ([1, 3, 5], [4])


def test_a_removed_item_does_not_come_back(world: World) -> None:
    """A repetition passes over it, or brings it back and removes it again: afterwards it is gone."""
    for _ in range(3):
        world.save(1, points=POINTS)
        world.save(2, points=POINTS)
        world.save(3, points=OTHERS, text="x")
        world.save(4, MESSAGE, text="y")
        for seq in (2, 3):
            world.writer.remove("c", "s", name(seq))
        assert (world.seqs(), world.seqs(MESSAGE)) == ([1], [4])
        world.restart()


def test_attachments_go_with_the_last_item_that_names_them(world: World) -> None:
    """Whatever session of the chat that stands in."""
    both = world.attachments()
    world.writer.remove("c", "s", name(3))
    (left,) = world.attachments()
    world.save(5, Place("c", "t", "note"), points=POINTS)
    world.save(6, Place("d", "s", "note"), points=POINTS)
    world.writer.remove("c", "s", name(1))
    world.writer.remove("c", "s", name(2))
    assert world.attachments() == {left}
    world.writer.remove("c", "t")
    assert (world.attachments(), world.attachments("d")) == (set(), {left})
    assert left in both


def test_a_session_goes_with_its_files(world: World) -> None:
    """The last one takes the folder along; others stay."""
    world.save(5, Place("c", "other", "note"))
    assert world.writer.remove("c", "s") == 4
    assert [path.name for path in (world.context / "c").iterdir()] == ["other.notes.ndjson"]
    assert world.writer.remove("c", "other") == 1
    assert not (world.context / "c").exists()
    world.save(6)
    assert world.seqs() == [6]


def test_what_is_not_there_is_removed_already(world: World) -> None:
    """A chat, a session, an item, and one of another session."""
    before = world.path().read_bytes()
    for asked in (("x", "s"), ("c", "x"), ("c", "s", "nothing"), ("c", "x", name(1)), ("c", "s", "")):
        assert world.writer.remove(*asked) == 0
    assert world.path().read_bytes() == before


def test_a_removal_that_was_killed_is_finished(world: World) -> None:
    """Attachments may be gone and the rest may lie beside the file: the item is still found."""
    for path in (world.context / "c" / "attachments").iterdir():
        path.unlink()
    (world.context / "c" / ".s.notes.ndjson.tmp").write_bytes(b"torn")
    assert world.writer.remove("c", "s", name(3)) == 1
    assert world.seqs() == [1, 2]
    assert not list((world.context / "c").glob(".*.tmp"))


def test_lines_of_people_are_kept(world: World) -> None:
    """Also those that are no JSON, too long, or without an end."""
    strange = b'{"text":"' + b"z" * (2 << 20) + b'"}\n\xff\n\n{"id":"by hand"}\n{"id":"other"}'
    with world.path().open("ab") as file:
        file.write(strange)
    world.writer.remove("c", "s", name(1))
    assert world.path().read_bytes().endswith(strange)
    assert world.writer.remove("c", "s", "other") == 1
    assert world.path().read_bytes().endswith(strange.removesuffix(b'{"id":"other"}'))


def test_no_link_is_followed(world: World) -> None:
    """Neither as a chat nor as a file nor as the folder of attachments."""
    outside = world.root / "outside"
    (world.context / "c").rename(outside)
    (world.context / "c").symlink_to(outside)
    with pytest.raises(BadPath):
        world.writer.remove("c", "s")
    (world.context / "d").mkdir()
    (world.context / "d" / "s.notes.ndjson").symlink_to(outside / "s.notes.ndjson")
    with pytest.raises(BadPath):
        world.writer.remove("d", "s")
    assert len(list(outside.iterdir())) == 3


@pytest.mark.parametrize(("chat", "session"), [("..", "s"), ("c", "../s"), ("c", "*"), ("", "s")])
def test_names_are_checked(world: World, chat: str, session: str) -> None:
    """Before they meet a path."""
    with pytest.raises(BadId):
        world.writer.remove(chat, session)


def test_whoever_waits_for_news_hears_of_it(world: World) -> None:
    """Also from a repetition that finds nothing left: who removed it may not have told anybody."""
    world.writer.remove("c", "s", name(3))
    (world.private / "search.news").unlink()
    world.restart()
    world.writer.remove("c", "s", name(3))
    assert str(NOTE.session) in (world.private / "search.news").read_text()
