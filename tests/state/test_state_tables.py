"""The tables of the database: what is applied twice is there once, and what is counted is counted right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.home import Home
from neira.model import PluginId, Seq, TaskState
from neira.parse import strict_json
from neira.state import notices, publications, snapshots, strikes, tasks, values
from neira.state.notices import Notice
from neira.state.publications import Publication
from neira.state.state import open_state
from neira.state.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neira.state.database import Database

ME, OTHER = PluginId("test.me"), PluginId("test.other")
SOMEONE, ANOTHER = "token:someone", "token:another"
WRITES = st.lists(st.tuples(st.sampled_from("abж"), st.none() | st.text(max_size=8)), max_size=12)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Open the database of an empty home."""
    home = Home(tmp_path_factory.mktemp("state"))
    home.lay_out()
    opened = open_state(home)
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None)
@given(writes=WRITES)
def test_the_use_of_a_quota_is_the_sum_of_what_is_there(database: Database, writes: Sequence[Any]) -> None:
    """Whatever was put, replaced and deleted before; of each plugin by itself."""
    expected: dict[str, str] = {}
    with database.writing() as db:
        values.clear(db, ME)
        values.put(db, OTHER, "a", "untouched", Seq(1))
        for seq, (key, value) in enumerate(writes, 1):
            if value is None:
                values.delete(db, ME, key)
                expected.pop(key, None)
            else:
                values.put(db, ME, key, value, Seq(seq))
                expected[key] = value
        used = values.use(db, ME)
        assert values.every(db, ME) == expected
        assert used.keys == len(expected)
        sizes = (len(key.encode()) + len(strict_json.dumps(held).encode()) for key, held in expected.items())
        assert used.bytes == sum(sizes)
        assert values.every(db, OTHER) == {"a": "untouched"}


def test_a_snapshot_is_what_a_revision_left(database: Database) -> None:
    """Taken once for a revision; the oldest go, and those of others stay."""
    with database.writing() as db:
        values.clear(db, ME)
        for revision in range(1, snapshots.KEPT + 3):
            values.put(db, ME, "n", revision, Seq(revision))
            snapshots.take(db, ME, Seq(revision), Seq(revision))
        assert snapshots.get(db, ME, Seq(2)) is None
        assert snapshots.get(db, ME, Seq(3)) == {"n": 3}
        values.replace_all(db, ME, snapshots.get(db, ME, Seq(3)) or {}, Seq(99))
        assert values.every(db, ME) == {"n": 3}
        assert values.use(db, ME).keys == 1


def test_a_task_is_queued_once_and_never_goes_back(database: Database) -> None:
    """An older record that is applied again changes nothing."""
    task = Task("e.0", 5, ME, "tidy", {}, {}, SOMEONE, TaskState.QUEUED, "t", "t", 5, "")
    with database.writing() as db:
        for _ in range(2):
            tasks.add(db, task)
        tasks.move(db, "e.0", TaskState.RUNNING, seq=Seq(6), at="u")
        tasks.move(db, "e.0", TaskState.DONE, seq=Seq(7), at="v")
        tasks.move(db, "e.0", TaskState.RUNNING, seq=Seq(6), at="u")
        tasks.add(db, task)
        found = tasks.get(db, "e.0")
        assert found is not None
        assert (found.state, found.changed) == (TaskState.DONE, "v")
        assert tasks.next_queued(db) is None


def test_notices_and_publications_are_there_once(database: Database) -> None:
    """By the record and the action that made them."""
    publication = Publication(3, 1, "boot", {"event": "x"})
    with database.writing() as db:
        for _ in range(2):
            notices.add(db, Notice(3, 0, "t", ME, "title", "message"))
            publications.add(db, publication)
        assert len(notices.newest(db, before=None, limit=10)) == 1
        assert publications.of_boot(db, "boot") == [publication]
        publications.taken_up(db, 3, 1)
        assert publications.boots(db) == []


def test_a_violation_is_counted_once_by_the_record_that_tells_it(database: Database) -> None:
    """Two actors have to be among three, unless it was the plugin itself."""
    with database.writing() as db:
        for seq in (1, 2, 3, 3):
            strikes.violated(db, ME, SOMEONE, seq=seq, at=100.0)
        assert strikes.until(db, ME, SOMEONE) == 100.0 + strikes.PAUSES[2]
        assert strikes.until(db, ME, ANOTHER) == 0.0
        assert not strikes.row_of(db, ME).is_out(ME)
        strikes.violated(db, ME, ANOTHER, seq=4, at=100.0)
        assert strikes.row_of(db, ME).is_out(ME)
        strikes.went_well(db, ME, ANOTHER)
        assert strikes.row_of(db, ME).count == 0
        assert strikes.until(db, ME, SOMEONE) > 0
        strikes.pardon(db, ME)
        assert not strikes.any_at_all(db)
        for seq in (5, 6, 7):
            strikes.violated(db, ME, f"plugin:{ME}", seq=seq, at=100.0)
        assert strikes.row_of(db, ME).is_out(ME)
        strikes.pardon(db, ME)
