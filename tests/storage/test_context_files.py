"""Reading what plugins saved: the order, the bounds, and whatever else may lie in those folders."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.change import BadCursor
from neira.errors.disk import BadPath
from neira.errors.input import BadId
from neira.storage import context_files, context_search
from neira.storage.context_files import LONGEST_LINE, Position, Wanted, steps, steps_at
from neira.storage.context_markdown import escaped, markdown
from neira.storage.context_search import Page, Search, search

if TYPE_CHECKING:
    from neira.model import JsonObject


def saved(context: Path, chat: str, session: str, kind: str, *items: Any) -> Path:
    """Save items of one session as whoever writes them would."""
    path = context / chat / f"{session}.{kind}s.ndjson"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    return path


def found(
    context: Path,
    words: str = "",
    *,
    start: str = "///0",
    limit: int = 100,
    strict: bool = False,
    **wanted: Any,
) -> Page:
    """Search one page as somebody who may see everything."""
    asked = Search(words=words, wanted=Wanted(**wanted), is_seen=lambda _: True)
    return search(context, asked, Position.read(start), limit=limit, strict=strict)


def whole(context: Path, words: str = "", *, limit: int = 100, **wanted: Any) -> list[JsonObject]:
    """Search page by page to the end."""
    items, start = [], "///0"
    while True:
        page = found(context, words, start=start, limit=limit, **wanted)
        items += page.items
        if page.next is None:
            return items
        start = str(page.next)


def numbers(items: list[JsonObject]) -> list[Any]:
    """Take the numbers that the tests give their items."""
    return [item["n"] for item in items]


def descriptors() -> int:
    """Count what this process holds open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_nothing_saved_is_nothing_found(tmp_path: Path) -> None:
    """A missing folder, an empty one, a chat and a session that are not there."""
    assert found(tmp_path / "none") == Page()
    assert found(tmp_path) == Page()
    (tmp_path / "c1").mkdir()
    assert found(tmp_path, chat="c1", session="s1", strict=True) == Page()
    assert found(tmp_path, chat="c2", session="s1", strict=True) == Page()


def test_items_come_by_chat_session_type_and_line(tmp_path: Path) -> None:
    """Whatever order the disk has, and whatever the size of pages."""
    for n, place in [(7, ("d", "a", "message")), (3, ("c", "a", "message")), (1, ("c", "a", "annotation")),
                     (5, ("c", "b", "annotation"))]:  # fmt: skip
        saved(tmp_path, *place, {"n": n}, {"n": n + 1})
    for limit in (1, 2, 3, 8, 100):
        assert numbers(whole(tmp_path, limit=limit)) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert numbers(whole(tmp_path, type="message", limit=1)) == [3, 4, 7, 8]
    assert numbers(whole(tmp_path, chat="c", limit=1)) == [1, 2, 3, 4, 5, 6]
    assert numbers(whole(tmp_path, session="a", limit=1)) == [1, 2, 3, 4, 7, 8]
    assert found(tmp_path, limit=8).next is None


def test_an_item_does_not_say_where_it_stands(tmp_path: Path) -> None:
    """Its place is that of its file."""
    saved(tmp_path, "c", "s", "message", {"type": "annotation", "chat_id": "x", "session_id": "y", "n": 1})
    assert found(tmp_path).items == [{"type": "message", "chat_id": "c", "session_id": "s", "n": 1}]


@pytest.mark.parametrize(
    "words", ["заметка", "ЗАМЕТКА", "Straße", "STRASSE", "note", "NOTE", "кра\u0438\u0306"]
)
def test_capital_and_small_letters_are_the_same(tmp_path: Path, words: str) -> None:
    """In Russian, English and German; й may be one sign or two."""
    saved(tmp_path, "c", "s", "message", {"deep": [{"text": "Заметка: Note, straße, край"}]}, {"text": "x"})
    assert len(found(tmp_path, words).items) == 1


@pytest.mark.parametrize("words", ["message", "text", "plugin", '"', "zzz"])
def test_keys_and_places_are_not_text(tmp_path: Path, words: str) -> None:
    """What is looked for is what somebody wrote."""
    saved(tmp_path, "c", "s", "message", {"plugin": "a.b", "text": "hello", "n": 1})
    assert found(tmp_path, words).items == []


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b"1", b'{"a":NaN}', b'{"a":1,"a":2}', b"\xff\xfe", b'{"a":"\\ud800"}', b"\x00", b"{}{}",
     b'{"a":' * 10_000, b'"' + b"x" * LONGEST_LINE + b'"', b" " * (3 * LONGEST_LINE) + b"{}"],
)  # fmt: skip
def test_a_line_that_is_no_item_is_counted_and_passed_over(tmp_path: Path, line: bytes) -> None:
    """The lines around it are read."""
    path = saved(tmp_path, "c", "s", "message", {"n": 1})
    path.write_bytes(path.read_bytes() + line + b'\n\n\r\n{"n": 2}\r\n{"n": 3')
    page = found(tmp_path)
    assert (numbers(page.items), page.next) == ([1, 2], None)
    assert page.skipped == 2  # the line and the torn end; blank lines are nothing


def test_a_torn_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    """A cursor behind the last line of a growing file leads to the next one."""
    path = saved(tmp_path, "c", "s", "message", {"n": 1}, {"n": 2})
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert numbers(found(tmp_path).items) == [1, 2]
    end = path.stat().st_size
    saved(tmp_path, "c", "s", "message")
    path.write_bytes(path.read_bytes() + b'\n{"n": 3}\n')
    assert numbers(found(tmp_path, start=f"c/s/message/{end}").items) == [3]


def test_a_line_just_at_the_limit_is_read(tmp_path: Path) -> None:
    """One byte more is too long."""
    for extra, count in ((0, 1), (1, 0)):
        path = saved(tmp_path, "c", f"s{extra}", "message")
        path.write_bytes(b'{"n":"' + b"x" * (LONGEST_LINE - 8 + extra) + b'"}')
        page = found(tmp_path, chat="c", session=f"s{extra}")
        assert (len(page.items), page.skipped) == (count, 1 - count)


def test_links_and_pipes_and_folders_are_no_files(tmp_path: Path) -> None:
    """A search passes them over and counts them; who asks for that session is told."""
    outside = tmp_path / "outside"
    secret = saved(outside, "c", "s", "message", {"text": "secret"})
    context = tmp_path / "context"
    saved(context, "ok", "s", "message", {"n": 1})
    (context / "linked").symlink_to(outside / "c")
    (context / "README").write_text("x")
    (context / "a").mkdir()
    (context / "a" / "s.messages.ndjson").symlink_to(secret)
    (context / "a" / "d.messages.ndjson").mkdir()
    os.mkfifo(context / "a" / "p.messages.ndjson")
    page = found(context)
    assert (numbers(page.items), page.skipped) == ([1], 5)
    for chat, session in (("linked", "s"), ("README", "s"), ("a", "s"), ("a", "d"), ("a", "p")):
        with pytest.raises(BadPath) as caught:
            found(context, chat=chat, session=session, strict=True)
        assert str(tmp_path) not in str(caught.value.details)


def test_a_file_in_place_of_the_folder_is_counted(tmp_path: Path) -> None:
    """It is a flaw, not a crash."""
    (tmp_path / "context").write_text("x")
    assert found(tmp_path / "context").skipped == 1


@pytest.mark.parametrize("name", ["CON", "a..b", ".hidden", "x.ndjson", "é", "a b", "-x"])
def test_names_that_are_no_ids_are_not_opened(tmp_path: Path, name: str) -> None:
    """As a chat, as a session, and when they are asked for."""
    saved(tmp_path, name, "s", "message", {"n": 1})
    saved(tmp_path, "c", name, "message", {"n": 1})
    assert found(tmp_path) == Page()
    for key in ("chat", "session"):
        with pytest.raises(BadId):
            Wanted(**{key: name})


@pytest.mark.parametrize(
    "text",
    ["", "c", "c/s/message", "c/s/memo/0", "c/s/message/-1", "c/s/message/" + "9" * 19, "a/b/c/d/e", "///٣"],
)
def test_a_position_that_is_none_is_refused(text: str) -> None:
    """It comes from a cursor, and anybody can make one up."""
    with pytest.raises(BadCursor):
        Position.read(text)


@given(
    chat=st.sampled_from(["", "c", "d", "..", "/etc", "\0", "zz"]),
    kind=st.sampled_from(["", "annotation", "message"]),
    offset=st.integers(0, 10**18 - 1) | st.integers(0, 80),
)
@settings(max_examples=60, deadline=None)
def test_a_made_up_position_shows_whole_items_only(
    tmp_path_factory: pytest.TempPathFactory, chat: str, kind: str, offset: int
) -> None:
    """From wherever it begins, an item is one that was written, never a part of one."""
    context = tmp_path_factory.mktemp("context")
    written = [{"n": 1, "in": {"plugin": "x"}}, {"n": 2, "in": '{"n":9}'}, {"n": 3}]
    saved(context, "c", "s", "message", *written)
    try:
        start = Position.read(f"{chat}/s/{kind}/{offset}")
    except BadCursor:
        return
    for item in found(context, start=str(start)).items:
        assert {key: item[key] for key in item if key in {"n", "in"}} in written


def test_lines_are_read_only_where_they_begin(tmp_path: Path) -> None:
    """Where something else is by now, or nothing, nothing is read, and nothing twice."""
    path = saved(tmp_path, "c", "s", "message", {"n": 1}, {"n": 2})
    second = path.read_bytes().index(b"\n") + 1
    path.write_bytes(path.read_bytes() + b"\n\n" + b'{"n": 3}\n')
    place = Position("c", "s", "message")
    for offsets, expected in [
        ([0, second], [1, 2]), ([second], [2]), ([1, second - 1, second + 1], []), ([2 * second], []),
        ([2 * second + 2], [3]), ([10_000], []),
    ]:  # fmt: skip
        read = [step.item["n"] for step in steps_at(tmp_path, place, offsets) if step.item]
        assert read == expected


def test_the_work_of_a_page_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages may be empty; together they hold everything, also behind a line that no page could hold."""
    monkeypatch.setattr(context_search, "MOST_READ", 3 * context_files.OPENING)
    monkeypatch.setattr(context_files, "LONGEST_LINE", 1000)
    monkeypatch.setattr(context_files, "_LISTED", 3)
    for chat in range(10):
        saved(tmp_path, f"c{chat}", "s", "message", {"n": 2 * chat})
        saved(tmp_path, f"c{chat}", "t", "annotation", {"x": "x" * 50_000}, {"n": 2 * chat + 1})
    first = found(tmp_path)
    assert len(first.items) < 5
    assert first.next is not None
    assert numbers(whole(tmp_path)) == list(range(20))


def test_memory_does_not_grow_with_a_file(tmp_path: Path) -> None:
    """One line of 64 MB without an end is never held."""
    path = saved(tmp_path, "c", "s", "message", {"n": 1})
    with path.open("ab") as file:
        file.truncate(64 << 20)  # zeros, which the disk need not hold either
    tracemalloc.start()
    count = sum(step.cost for step in steps(tmp_path, Wanted(), Position()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 64 << 20
    assert peak < 8 << 20


def test_reading_that_is_given_up_leaves_nothing_open(tmp_path: Path) -> None:
    """A page that is full closes its files and folders."""
    saved(tmp_path, "c", "s", "message", {"n": 1}, {"n": 2})
    before = descriptors()
    for _ in range(5):
        found(tmp_path, limit=1)
    assert descriptors() == before


HOSTILE = [
    "<script>alert(1)</script>", "</li></ul><h1>x", "a\n# heading", "a\r\n\r\n    code", "a\u2028- item",
    "```\ncode", "[x](javascript:alert(1))", "![x](http://e.example/p.png)", "| a | b |\n|---|---|",
    "<http://e.example>", "\x1b[31mred", "\u202etxt.exe", "&lt;b&gt;", "1. one", "---", "===", "\\<b>", "[x]: http://e.example",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(tmp_path: Path, text: str) -> None:
    """As a value, as a key, and deep inside: the lines of the page are the ones that we began."""
    saved(tmp_path, "c", "s.1", "message", {text: text, "deep": [text]})
    page = "".join(markdown(steps(tmp_path, Wanted(), Position())))
    lines = page.splitlines()
    assert lines[:5] == ["# Saved items", "", "## Chat c, session s\\.1", "", "- message"]
    assert len(lines) == 7
    for line in lines[5:]:
        assert line.startswith("  - ")
        assert not set(line) & set("<>\x1b\u202e")


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_escaped_text_has_no_bare_sign(text: str) -> None:
    """Every sign that Markdown obeys stands behind a backslash, and only printable characters are left."""
    shown = escaped(text)
    assert shown.isprintable()
    bare = shown.replace("\\\\", "")
    for place, sign in enumerate(bare):
        assert sign not in "`*_[]{}()#+-.!|~=:$^@<>" or bare[place - 1] == "\\"


def test_markdown_says_how_much_is_missing(tmp_path: Path) -> None:
    """At its end, for then it is known."""
    path = saved(tmp_path, "c", "s", "message", {"text": "x"})
    path.write_bytes(path.read_bytes() + b"{\n{\n")
    page = "".join(markdown(steps(tmp_path, Wanted(), Position())))
    assert page.endswith("  - text: x\n\nLines and files that could not be read: 2\n")


def test_a_row_of_accents_takes_no_longer_than_other_text(tmp_path: Path) -> None:
    """Normalising this line would take many minutes; the limit of the whole test run is the judge."""
    saved(tmp_path, "c", "s", "message", {"text": "\u0301\u0327" * 200_000})
    assert found(tmp_path, "x").items == []
