"""The search index: always as good as reading, whatever happens to the files and to itself."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from neira.clock import SystemClock
from neira.errors.storage import SearchIndexFailed
from neira.storage import context_index, context_indexing, context_texts, context_writer
from neira.storage.context_files import Position, Wanted
from neira.storage.context_index import EVERY, ContextIndex
from neira.storage.context_places import TYPES
from neira.storage.context_search import Page, Search, search
from neira.storage.context_texts import Texts
from neira.storage.context_words import folded
from neira.storage.context_writer import Place
from tests.fakes import SteppedClock
from tests.storage.context_worlds import NOTE, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Found:
    """Searches with an index, and says whether it was the index that answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = SteppedClock()
        self.index = ContextIndex(world.private, world.context, self.clock)

    def page(self, words: str, *, limit: int = 100, start: str = "///0", **wanted: Any) -> Page:
        """Search one page, which must be the index's own."""
        lines = self.index.look(folded(words), lambda look: len([*look.steps(Wanted(), Position())]))
        assert lines is not None
        return self.either(words, limit=limit, start=start, **wanted)

    def either(self, words: str, *, limit: int = 100, start: str = "///0", **wanted: Any) -> Page:
        """Search one page, with the index if it can."""
        asked = Search(words=words, wanted=Wanted(**wanted), is_seen=lambda _: True)
        return search(self.world.context, asked, Position.read(start), limit=limit, index=self.index)

    def seqs(self, words: str, **wanted: Any) -> list[Any]:
        """Name the records of what the index finds."""
        return [item["seq"] for item in self.page(words, **wanted).items]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Save three notes in two chats."""
    world = World(tmp_path)
    world.save(1, text="Первая Заметка")
    world.save(2, Place("b", "s", "message"), text="Second note")
    world.save(3, text="third NOTE")
    return world


@pytest.fixture
def found(world: World) -> Found:
    """Search what was saved."""
    return Found(world)


def test_words_are_found_as_parts_of_words_regardless_of_case(found: Found) -> None:
    """In the order of chats, sessions, types and lines."""
    assert found.seqs("замет") == found.seqs("ЗАМЕТКА") == [1]
    assert found.seqs("not") == [2, 3]
    assert found.seqs("note", chat="c") == found.seqs("note", type="note") == [3]
    assert found.seqs("note", session="x") == found.seqs("nothing") == []


def test_what_is_written_is_found_at_once(world: World, found: Found) -> None:
    """By every process, whoever wrote it, as often as that happens."""
    other = Found(world)
    for seq in range(4, 9):
        world.save(seq, Place("c", f"s{seq % 2}", "note"), text=f"fresh {seq}")
        assert len(found.seqs("fresh")) == len(other.seqs("fresh")) == seq - 3
        world.restart()


def test_what_is_removed_is_found_no_more(world: World, found: Found) -> None:
    """One item, a session, and what took its place."""
    assert found.seqs("note") == [2, 3]
    world.writer.remove("c", "s", str(world.lines()[1]["id"]))
    assert found.seqs("note") == [2]
    assert b"second note" in (world.private / "search.sqlite").read_bytes()
    world.writer.remove("b", "s")
    assert found.seqs("note") == []
    assert b"second note" not in (world.private / "search.sqlite").read_bytes()
    world.save(5, text="another note")
    assert found.seqs("note") == [5]


def test_files_of_people_are_found_by_the_next_walk(world: World, found: Found) -> None:
    """New, longer, shorter, rewritten, gone: a process walks when it begins, and then once a minute."""
    assert found.seqs("byhand") == []
    path = world.context / "h" / "s.notes.ndjson"
    path.parent.mkdir()
    for lines, expected in [
        (['{"seq":1,"text":"byhand"}\n'], [1]),
        (['{"seq":1,"text":"byhand"}\n', '{"seq":2,"text":"ByHand"}'], [1, 2]),
        (['{"seq":3,"text":"byhand and much more"}\n', '{"seq":4,"text":"ByHand"}\n', "{\n"], [3, 4]),
        (['{"seq":5,"text":"byhand"}\n'], [5]),
        ([], []),
    ]:
        path.write_text("".join(lines))
        found.clock.step(EVERY)
        assert found.seqs("byhand") == expected
        assert Found(world).seqs("byhand") == expected
    path.write_text('{"seq":6,"text":"byhand"}\n')
    found.clock.step(EVERY)
    assert found.seqs("byhand") == [6]
    shutil.rmtree(path.parent)
    found.clock.step(EVERY)
    assert found.seqs("byhand") == []


def test_a_file_that_was_written_anew_in_place_is_read_anew(world: World, found: Found) -> None:
    """Though it is the same file and longer than it was: the bytes before the point of reading are others."""
    path = world.context / "h" / "s.notes.ndjson"
    path.parent.mkdir()
    path.write_text('{"seq":1,"text":"alpha"}\n')
    assert found.seqs("alpha") == [1]
    path.write_text('{"seq":2,"text":"omega"}\n{"seq":3,"text":"more"}\n')
    found.clock.step(EVERY)
    assert (found.seqs("alpha"), found.seqs("omega")) == ([], [2])


def test_more_news_than_are_noted_lead_to_a_walk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list has an end, and then says so."""
    monkeypatch.setattr(context_writer, "MOST_NEWS", 30)
    monkeypatch.setattr(context_index, "MOST_NEWS", 30)
    found = Found(world)
    assert found.seqs("note") == [2, 3]
    world.restart()
    for number in range(20):
        world.save(10 + number, Place("c", f"s{number}", "note"), text="note")
    assert len(found.seqs("note")) == 22


def test_an_unended_line_is_found_once_when_it_grows(world: World, found: Found) -> None:
    """As it is at each look."""
    path = world.context / "h" / "s.notes.ndjson"
    path.parent.mkdir()
    whole = '{"seq":1,"text":"grown"}\n{"seq":2,"text":"grown"}\n'
    for length in range(0, len(whole) + 1, 7):
        path.write_text(whole[:length])
        found.clock.step(EVERY)
        plain = found.either("gr", chat="h").skipped  # two letters: by reading
        page = found.page("grown")
        assert len(page.items) == whole[:length].count("}")
        assert page.skipped == plain
    path.write_text(whole)
    found.clock.step(EVERY)
    assert found.seqs("grown") == [1, 2]


def test_short_words_and_strict_searches_are_read(found: Found) -> None:
    """The index knows three letters in a row."""
    assert found.index.look("no", lambda _: 0) is None
    assert found.index.look("\ud800abc", lambda _: 0) is None
    assert len(found.either("no").items) == 2


def test_what_cannot_be_read_is_counted_where_it_lies(world: World, found: Found) -> None:
    """Lines, files and folders, on the page whose span they lie in; mended ones no more."""
    (world.context / "a").symlink_to(world.root)
    (world.context / "d").mkdir()
    (world.context / "d" / "s.notes.ndjson").symlink_to("/etc/passwd")
    with world.path().open("a") as file:
        file.write("{\n[]\n" + '{"seq":9,"text":"note"}\n')
    first = found.page("note", limit=2)
    rest = found.page("note", start=str(first.next))
    assert [len(page.items) for page in (first, rest)] == [2, 1]
    assert [page.skipped for page in (first, rest)] == [1, 3]
    assert found.page("note", chat="d").skipped == 1
    assert found.page("note", type="message").skipped == 1
    (world.context / "a").unlink()
    (world.context / "d" / "s.notes.ndjson").unlink()
    found.clock.step(EVERY)
    assert found.page("note").skipped == 2


def test_many_files_and_many_words_are_found(world: World, found: Found) -> None:
    """Beyond the files that are asked one by one, and beyond the terms that are asked for."""
    text = " ".join(f"word{n} Слово{n}" for n in range(200))
    for number in range(60):
        world.save(
            100 + number, Place(f"m{number:02}", "s", "note"), text=text if number % 7 == 3 else "short"
        )
    expected = [100 + number for number in range(60) if number % 7 == 3]
    assert found.seqs("слово199") == found.seqs(text.casefold()) == expected
    pages, start = [], "///0"
    while start != "None":
        page = found.page("слово1", limit=2, start=start)
        pages += [item["seq"] for item in page.items]
        start = str(page.next)
    assert pages == expected


@pytest.mark.parametrize(
    "words", ['a"b', "' OR 1", "a AND b", "x*y", "(((", "^a:", "{a b}", "\0\0\0", "-abc", "%_%"]
)
def test_signs_of_the_query_language_are_letters(world: World, found: Found, words: str) -> None:
    """Nothing that is looked for is obeyed."""
    world.save(4, text=f"before {words} after")
    assert found.seqs(words) == [4]


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "no database": lambda path: path.write_bytes(b"x" * 20_000),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "zeros": lambda path: path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096)),
    "other layout": lambda path: _sql(path, "DROP TABLE files"),
    "older": lambda path: _sql(path, "PRAGMA user_version = 77"),
}


def _sql(path: Path, statement: str) -> None:
    db = sqlite3.connect(path)
    db.execute(statement)
    db.commit()
    db.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_made_anew(world: World, found: Found, damage: str) -> None:
    """Every search finds everything meanwhile; the third one at the latest uses the new index."""
    assert found.seqs("note") == [2, 3]
    DAMAGES[damage](world.private / "search.sqlite")
    for seq in (4, 5, 6):
        world.save(seq, text="note")
        assert [item["seq"] for item in found.either("note").items] == [2, *range(3, seq + 1)]
    assert found.seqs("note") == [2, 3, 4, 5, 6]


def test_a_long_reading_is_done_bit_by_bit(
    world: World, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look reads for so long; until all is read the files themselves are."""
    for seq in range(4, 60):
        world.save(seq, Place("c", f"s{seq % 5}", "note"), text="note")
    monkeypatch.setattr(found.clock, "monotonic", _ticking(found.clock))
    looks = 0
    while found.index.look("note", lambda _: 0) is None:
        assert len(found.either("note").items) == 58
        looks += 1
        assert looks < 100
    assert looks > 3
    assert len(found.page("note").items) == 58


def _ticking(clock: SteppedClock) -> Callable[[], float]:
    real = clock.monotonic

    def monotonic() -> float:
        clock.step(0.1)
        return real()

    return monotonic


def test_rebuilding_reads_everything_anew(world: World, found: Found) -> None:
    """And says how far it is; searches with the same index go on."""
    assert found.seqs("note") == [2, 3]
    (world.context / "h").mkdir()
    (world.context / "h" / "s.notes.ndjson").write_text('{"seq":9,"text":"note"}\n{\n')
    told: list[tuple[int, int]] = []
    made = found.index.rebuild(lambda done, total: told.append((done, total)))
    assert (made.files, made.items, made.flaws) == (3, 4, 1)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert found.seqs("note") == [2, 3, 9]
    (world.private / "search.sqlite").write_bytes(b"x" * 5000)
    assert found.index.rebuild(lambda _done, _total: None) == made


def test_without_full_text_search_files_are_read(
    world: World, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python with an old SQLite finds the same; only rebuilding says why it cannot."""
    monkeypatch.setattr(context_texts, "is_there", lambda: False)
    assert found.index.look("note", lambda _: 0) is None
    assert len(found.either("note").items) == 2
    with pytest.raises(SearchIndexFailed):
        found.index.rebuild(lambda _done, _total: None)


def test_where_nothing_may_be_written_files_are_read(world: World) -> None:
    """A folder that is not there stands for one that cannot be written to."""
    index = ContextIndex(world.root / "missing", world.context, SteppedClock())
    assert index.look("note", lambda _: 0) is None


def test_a_missing_context_is_empty(tmp_path: Path) -> None:
    """Nothing was saved yet, or all of it was taken away."""
    world = World(tmp_path)
    found = Found(world)
    assert found.page("note") == Page()
    world.save(1, text="note")
    assert found.seqs("note") == [1]
    shutil.rmtree(world.context)
    found.clock.step(EVERY)
    assert found.page("note") == Page()
    assert found.index.rebuild(lambda _done, _total: None).files == 0


def test_a_page_that_its_reader_gives_up_leaves_nothing_open(found: Found) -> None:
    """A full page closes its files and the index."""
    found.page("note")
    before = len([*_descriptors()])
    for _ in range(5):
        found.page("note", limit=1)
    assert len([*_descriptors()]) == before


def _descriptors() -> list[str]:
    return os.listdir("/proc/self/fd")  # noqa: PTH208 - names are enough


def test_a_file_further_than_the_index_counts_does_no_harm(
    world: World, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies beyond is not found; what lies before is."""
    monkeypatch.setattr(context_indexing, "FAR", world.path().stat().st_size - 10)
    assert found.seqs("note") == [2]
    assert found.seqs("замет") == [1]


def test_types_are_read_in_the_order_of_their_names() -> None:
    """SQLite orders by name."""
    assert sorted(TYPES) == list(TYPES)


def _work(root: Path, number: int, count: int) -> None:
    """Write to a file of its own and search all the while, as a worker does."""
    world = World(root)
    index = ContextIndex(world.private, world.context, SystemClock())
    asked = Search(words="concurrent", wanted=Wanted(chat=f"w{number}"), is_seen=lambda _: True)
    for seq in range(1, count + 1):
        world.save(seq, Place(f"w{number}", "s", "note"), text="concurrent")
        if seq % 5 == 0:
            page = search(world.context, asked, Position(), limit=1000, index=index)
            assert len(page.items) == seq
            if number == 0 and seq % 20 == 0:
                index.rebuild(lambda _done, _total: None)


@pytest.mark.slow
def test_many_processes_share_one_index(world: World) -> None:
    """Each finds at once what it wrote, also while one of them makes the index anew."""
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_work, args=(world.root, number, 100)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(Found(world).page("concurrent", limit=1000).items) == 300


def test_many_threads_share_one_index(world: World, found: Found) -> None:
    """A look of one waits for that of another, or reads."""
    counts: list[int] = []
    index = ContextIndex(world.private, world.context, SystemClock())
    asked = Search(words="note", wanted=Wanted(), is_seen=lambda _: True)

    def look() -> None:
        pages = (search(world.context, asked, Position(), limit=9, index=index) for _ in range(10))
        counts.extend(len(page.items) for page in pages)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2] * 80


def test_a_busy_index_is_not_waited_for_long(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process makes it anew, files are read."""
    monkeypatch.setattr(context_index, "PATIENCE", 0.05)
    found = Found(world)
    with found.index._lock.held():
        assert Found(world).index.look("note", lambda _: 0) is None
        assert len(Found(world).either("note").items) == 2


def test_an_index_that_another_process_has_begun_anew_does_not_answer(world: World, found: Found) -> None:
    """Until all is read again; whoever has looked a moment ago reads the files."""
    assert found.seqs("note") == [2, 3]
    texts = Texts(world.private / "search.sqlite")
    texts.prepare()
    texts.empty()
    texts.close()
    assert len(found.either("note").items) == 2
    assert found.seqs("note") == [2, 3]


def test_a_killed_round_of_reading_is_begun_again(world: World, found: Found) -> None:
    """A file that was begun and not ended is read from its beginning."""
    assert found.seqs("note") == [2, 3]
    texts = Texts(world.private / "search.sqlite")
    texts.prepare()
    number = texts.begin("c", "s", "note", upto=0)
    texts.add(number, 0, "half a note")
    texts.close()
    world.save(4, NOTE, text="note")
    assert found.seqs("note") == [2, 3, 4]
    assert found.seqs("замет") == [1]
