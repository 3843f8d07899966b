"""The search index: always as good as reading, whatever happens to the files and to itself."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from neira.storage import context_index, context_indexing, context_writer
from neira.storage.context_index import EVERY
from neira.storage.context_places import TYPES
from neira.storage.context_search import Page
from neira.storage.context_writer import Place
from tests.storage.context_worlds import Found, World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes import SteppedClock


def test_words_are_found_as_parts_of_words_regardless_of_case(found: Found) -> None:
    """In the order of chats, sessions, types and lines."""
    assert found.seqs("замет") == found.seqs("ЗАМЕТКА") == [1]
    assert found.seqs("not") == [2, 3]
    assert found.seqs("note", chat="c") == found.seqs("note", type="note") == [3]
    assert found.seqs("note", session="x") == found.seqs("nothing") == []


def test_what_is_written_is_found_at_once(noted: World, found: Found) -> None:
    """By every process, whoever wrote it, as often as that happens."""
    other = Found(noted)
    for seq in range(4, 9):
        noted.save(seq, Place("c", f"s{seq % 2}", "note"), text=f"fresh {seq}")
        assert len(found.seqs("fresh")) == len(other.seqs("fresh")) == seq - 3
        noted.restart()


def test_what_is_removed_is_found_no_more(noted: World, found: Found) -> None:
    """One item, a session, and what took its place."""
    assert found.seqs("note") == [2, 3]
    noted.writer.remove("c", "s", str(noted.lines()[1]["id"]))
    assert found.seqs("note") == [2]
    assert b"second note" in (noted.private / "search.sqlite").read_bytes()
    noted.writer.remove("b", "s")
    assert found.seqs("note") == []
    assert b"second note" not in (noted.private / "search.sqlite").read_bytes()
    noted.save(5, text="another note")
    assert found.seqs("note") == [5]


def test_files_of_people_are_found_by_the_next_walk(noted: World, found: Found) -> None:
    """New, longer, shorter, rewritten, gone: a process walks when it begins, and then once a minute."""
    assert found.seqs("byhand") == []
    path = noted.context / "h" / "s.notes.ndjson"
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
        assert Found(noted).seqs("byhand") == expected
    path.write_text('{"seq":6,"text":"byhand"}\n')
    found.clock.step(EVERY)
    assert found.seqs("byhand") == [6]
    shutil.rmtree(path.parent)
    found.clock.step(EVERY)
    assert found.seqs("byhand") == []


def test_a_file_that_was_written_anew_in_place_is_read_anew(noted: World, found: Found) -> None:
    """Though it is the same file and longer than it was: the bytes before the point of reading are others."""
    path = noted.context / "h" / "s.notes.ndjson"
    path.parent.mkdir()
    path.write_text('{"seq":1,"text":"alpha"}\n')
    assert found.seqs("alpha") == [1]
    path.write_text('{"seq":2,"text":"omega"}\n{"seq":3,"text":"more"}\n')
    found.clock.step(EVERY)
    assert (found.seqs("alpha"), found.seqs("omega")) == ([], [2])


def test_more_news_than_are_noted_lead_to_a_walk(noted: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list has an end, and then says so."""
    monkeypatch.setattr(context_writer, "MOST_NEWS", 30)
    monkeypatch.setattr(context_index, "MOST_NEWS", 30)
    found = Found(noted)
    assert found.seqs("note") == [2, 3]
    noted.restart()
    for number in range(20):
        noted.save(10 + number, Place("c", f"s{number}", "note"), text="note")
    assert len(found.seqs("note")) == 22


def test_an_unended_line_is_found_once_when_it_grows(noted: World, found: Found) -> None:
    """As it is at each look."""
    path = noted.context / "h" / "s.notes.ndjson"
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


def test_what_cannot_be_read_is_counted_where_it_lies(noted: World, found: Found) -> None:
    """Lines, files and folders, on the page whose span they lie in; mended ones no more."""
    (noted.context / "a").symlink_to(noted.root)
    (noted.context / "d").mkdir()
    (noted.context / "d" / "s.notes.ndjson").symlink_to("/etc/passwd")
    with noted.path().open("a") as file:
        file.write("{\n[]\n" + '{"seq":9,"text":"note"}\n')
    first = found.page("note", limit=2)
    rest = found.page("note", start=str(first.next))
    assert [len(page.items) for page in (first, rest)] == [2, 1]
    assert [page.skipped for page in (first, rest)] == [1, 3]
    assert found.page("note", chat="d").skipped == 1
    assert found.page("note", type="message").skipped == 1
    (noted.context / "a").unlink()
    (noted.context / "d" / "s.notes.ndjson").unlink()
    found.clock.step(EVERY)
    assert found.page("note").skipped == 2


def test_many_files_and_many_words_are_found(noted: World, found: Found) -> None:
    """Beyond the files that are asked one by one, and beyond the terms that are asked for."""
    text = " ".join(f"word{n} Слово{n}" for n in range(200))
    for number in range(60):
        noted.save(
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
def test_signs_of_the_query_language_are_letters(noted: World, found: Found, words: str) -> None:
    """Nothing that is looked for is obeyed."""
    noted.save(4, text=f"before {words} after")
    assert found.seqs(words) == [4]


def test_a_long_reading_is_done_bit_by_bit(
    noted: World, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look reads for so long; until all is read the files themselves are."""
    for seq in range(4, 60):
        noted.save(seq, Place("c", f"s{seq % 5}", "note"), text="note")
    monkeypatch.setattr(found.clock, "monotonic", _ticking(found.clock))
    looks = 0
    while found.index.look("note", lambda _: 0) is None:
        assert len(found.either("note").items) == 58
        looks += 1
        assert looks < 100
    assert looks >= 2
    assert len(found.page("note").items) == 58


def _ticking(clock: SteppedClock) -> Callable[[], float]:
    real = clock.monotonic

    def monotonic() -> float:
        clock.step(0.1)
        return real()

    return monotonic


def test_rebuilding_reads_everything_anew(noted: World, found: Found) -> None:
    """And says how far it is; searches with the same index go on."""
    assert found.seqs("note") == [2, 3]
    (noted.context / "h").mkdir()
    (noted.context / "h" / "s.notes.ndjson").write_text('{"seq":9,"text":"note"}\n{\n')
    told: list[tuple[int, int]] = []
    made = found.index.rebuild(lambda done, total: told.append((done, total)))
    assert (made.files, made.items, made.flaws) == (3, 4, 1)
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert found.seqs("note") == [2, 3, 9]
    (noted.private / "search.sqlite").write_bytes(b"x" * 5000)
    assert found.index.rebuild(lambda _done, _total: None) == made


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
    noted: World, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies beyond is not found; what lies before is."""
    monkeypatch.setattr(context_indexing, "FAR", noted.path().stat().st_size - 10)
    assert found.seqs("note") == [2]
    assert found.seqs("замет") == [1]


def test_types_are_read_in_the_order_of_their_names() -> None:
    """SQLite orders by name."""
    assert sorted(TYPES) == list(TYPES)
