"""Searching: filters, pages from the newest on, bounded work, and the bytes as they are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from neira.errors.change import BadCursor
from neira.errors.journal import JournalDamaged
from neira.journal import segment
from neira.journal.query import Filters, page
from neira.journal.reader import Reader
from neira.model import ChangeNote, Draft, Seq
from tests.fakes import START, SteppedClock
from tests.journal.journal_homes import draft, filled, new_home, opened, units

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a journal of 60 varied records, a minute apart, over several segments."""
    clock = SteppedClock()
    journal = opened(new_home(tmp_path), clock=clock, segment_bytes=5_000)
    for number in range(60):
        kind = ("plugin.registered", "plugin.enabled", "event.result")[number % 3]
        note = ChangeNote(f"change {number}", why="Карандаш" if number == 30 else "")
        data = {"plugin": f"p{number % 4}"}
        payload = {"n": number} if number % 2 else "x" * 500
        journal.append(Draft(kind, f"token:{number % 2}", note, "s", data, payload=payload))
        clock.step(60)
    return tmp_path


def seqs(root: Path, filters: Filters, limit: int = 100) -> list[int]:
    """Walk all pages."""
    found: list[int] = []
    cursor: str | None = None
    while True:
        part = page(root, filters, cursor=cursor, limit=limit)
        found += [record.seq for record in part.records]
        cursor = part.next
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 7, 60, 100])
def test_pages_show_everything_once_from_the_newest_on(root: Path, limit: int) -> None:
    """Whatever the size of a page."""
    assert seqs(root, Filters(), limit) == list(range(60, 0, -1))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(kind="plugin.enabled"), [n + 1 for n in range(60) if n % 3 == 1]),
        (Filters(kind="plugin"), [n + 1 for n in range(60) if n % 3 < 2]),
        (Filters(kind="plug"), []),
        (Filters(actor="token:1"), [n + 1 for n in range(60) if n % 2]),
        (Filters(plugin="p3"), [n + 1 for n in range(60) if n % 4 == 3]),
        (Filters(text="карандаш"), [31]),
        (Filters(since=START + timedelta(minutes=50)), list(range(51, 61))),
        (Filters(until=START + timedelta(minutes=2)), [1, 2]),
        (Filters(kind="event", plugin="p2", actor="token:0"), [n + 1 for n in range(60) if n % 12 == 2]),
    ],
)
def test_filters_let_through_what_was_asked_for(root: Path, filters: Filters, expected: list[int]) -> None:
    """By time, plugin, kind, actor and text, together and alone."""
    assert seqs(root, filters, 5) == expected[::-1]


def test_a_record_is_found_by_its_id(root: Path) -> None:
    """As an answer to a change names it."""
    (found,) = page(root, Filters(id="NEI-20260102-030405-s-1")).records
    assert found.seq == 1


def test_a_page_reads_a_bounded_number_of_records(root: Path) -> None:
    """A filter that matches nothing costs no more than that; the cursor goes on."""
    part = page(root, Filters(actor="nobody"), scan=25)
    assert (part.records, part.next) == ((), "36")
    assert page(root, Filters(actor="nobody"), cursor="36", scan=100).next is None


def test_a_new_record_does_not_move_a_page(root: Path) -> None:
    """Cursors are numbers of records: what comes later is on no later page."""
    cursor = page(root, Filters(), limit=10).next
    opened(root).append(draft())
    assert page(root, Filters(), cursor=cursor, limit=1).records[0].seq == 50


@pytest.mark.parametrize("cursor", ["", "x", "-1", "١", "1" * 30, "1\n"])
def test_a_foreign_cursor_is_refused(root: Path, cursor: str) -> None:
    """Cursors are ours."""
    with pytest.raises(BadCursor):
        page(root, Filters(), cursor=cursor)


def test_damaged_lines_are_passed_over_in_a_search(root: Path) -> None:
    """J01: reads go on; only what folds the journal must stop."""
    first = root / "journal" / "000001.ndjson"
    first.write_bytes(first.read_bytes().replace(b"change 2", b"change 9"))
    assert 3 not in seqs(root, Filters())
    assert len(seqs(root, Filters())) == 59
    with pytest.raises(JournalDamaged) as caught:
        list(Reader(root).after(Seq(0)))
    assert caught.value.seq == 3


def test_an_export_is_the_bytes_as_they_are(tmp_path: Path) -> None:
    """What leaves can be verified elsewhere."""
    first = filled(tmp_path, 40)
    assert b"".join(Reader(tmp_path).lines(Seq(0))) == first.read_bytes()
    assert b"".join(Reader(tmp_path).lines(Seq(38))) == b"".join(units(first)[38:])


def test_any_record_is_located_without_reading_the_file(tmp_path: Path) -> None:
    """By halving, past payloads of any length, also beyond the end."""
    journal = opened(new_home(tmp_path))
    journal.append(*(draft(n, payload="x" * (9_000 if n % 7 else 90_000)) for n in range(60)))
    with (tmp_path / "journal" / "000001.ndjson").open("rb") as file:
        size = file.seek(0, 2)
        for seq in range(1, 61):
            unit = next(segment.units(file, segment.locate(file, seq)))
            assert unit.line.startswith(f'{{"seq":{seq},'.encode())
        assert segment.locate(file, 61) == size
        backward = [unit.line for unit in segment.units_back(file, segment.whole_end(file))]
        assert backward[::-1] == [unit.line for unit in segment.units(file)]
