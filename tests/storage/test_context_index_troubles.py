"""The search index in trouble: damaged, shared, busy, begun anew, impossible; everything is found still."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from neira.clock import SystemClock
from neira.errors.storage import SearchIndexFailed
from neira.storage import context_index, context_texts
from neira.storage.context_files import Position, Wanted
from neira.storage.context_index import ContextIndex
from neira.storage.context_search import Search, search
from neira.storage.context_texts import Texts
from neira.storage.context_writer import Place
from tests.fakes import SteppedClock
from tests.storage.context_worlds import NOTE, Found, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
def test_a_damaged_index_is_made_anew(noted: World, found: Found, damage: str) -> None:
    """Every search finds everything meanwhile; the third one at the latest uses the new index."""
    assert found.seqs("note") == [2, 3]
    DAMAGES[damage](noted.private / "search.sqlite")
    for seq in (4, 5, 6):
        noted.save(seq, text="note")
        assert [item["seq"] for item in found.either("note").items] == [2, *range(3, seq + 1)]
    assert found.seqs("note") == [2, 3, 4, 5, 6]


def test_without_full_text_search_files_are_read(
    noted: World, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python with an old SQLite finds the same; only rebuilding says why it cannot."""
    monkeypatch.setattr(context_texts, "is_there", lambda: False)
    assert found.index.look("note", lambda _: 0) is None
    assert len(found.either("note").items) == 2
    with pytest.raises(SearchIndexFailed):
        found.index.rebuild(lambda _done, _total: None)


def test_where_nothing_may_be_written_files_are_read(noted: World) -> None:
    """A folder that is not there stands for one that cannot be written to."""
    index = ContextIndex(noted.root / "missing", noted.context, SteppedClock())
    assert index.look("note", lambda _: 0) is None


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
def test_many_processes_share_one_index(noted: World) -> None:
    """Each finds at once what it wrote, also while one of them makes the index anew."""
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_work, args=(noted.root, number, 100)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(Found(noted).page("concurrent", limit=1000).items) == 300


def test_many_threads_share_one_index(noted: World, found: Found) -> None:
    """A look of one waits for that of another, or reads."""
    counts: list[int] = []
    index = ContextIndex(noted.private, noted.context, SystemClock())
    asked = Search(words="note", wanted=Wanted(), is_seen=lambda _: True)

    def look() -> None:
        pages = (search(noted.context, asked, Position(), limit=9, index=index) for _ in range(10))
        counts.extend(len(page.items) for page in pages)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2] * 80


def test_a_busy_index_is_not_waited_for_long(noted: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process makes it anew, files are read."""
    monkeypatch.setattr(context_index, "PATIENCE", 0.05)
    found = Found(noted)
    with found.index._lock.held():
        assert Found(noted).index.look("note", lambda _: 0) is None
        assert len(Found(noted).either("note").items) == 2


def test_an_index_that_another_process_has_begun_anew_does_not_answer(noted: World, found: Found) -> None:
    """Until all is read again; whoever has looked a moment ago reads the files."""
    assert found.seqs("note") == [2, 3]
    texts = Texts(noted.private / "search.sqlite")
    texts.prepare()
    texts.empty()
    texts.close()
    assert len(found.either("note").items) == 2
    assert found.seqs("note") == [2, 3]


def test_a_killed_round_of_reading_is_begun_again(noted: World, found: Found) -> None:
    """A file that was begun and not ended is read from its beginning."""
    assert found.seqs("note") == [2, 3]
    texts = Texts(noted.private / "search.sqlite")
    texts.prepare()
    number = texts.begin("c", "s", "note", upto=0)
    texts.add(number, 0, "half a note")
    texts.close()
    noted.save(4, NOTE, text="note")
    assert found.seqs("note") == [2, 3, 4]
    assert found.seqs("замет") == [1]
