"""Idempotency-Keys: found again through the journal, one run at a time."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from neira.errors.change import IdempotencyMismatch, IdempotencyRunning
from neira.idempotency.index import IdempotencyIndex, Use
from neira.idempotency.running import RunningKeys
from neira.model import ChangeNote, Record, Seq
from tests.fakes import START

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USE = Use("token:a", "k1", "POST /x abc")


def _record(seq: int, use: Use | None) -> Record:
    data = {"idempotency": use.as_data()} if use else {}
    actor = use.actor if use else "other"
    return Record(Seq(seq), f"NEI-{seq}", START, "event.received", actor, ChangeNote("x"), (), data, "", "")


class Listed:
    """A journal that is a list."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def after(self, seq: Seq) -> Iterator[Record]:
        """Give the records behind a number."""
        return iter(self.records[seq:])


@pytest.fixture
def journal() -> Listed:
    """Give an empty journal."""
    return Listed()


@pytest.fixture
def index(tmp_path: Path, journal: Listed) -> IdempotencyIndex:
    """Give an index of that journal."""
    return IdempotencyIndex(tmp_path / "keys.sqlite", journal.after, timedelta(hours=24))


def test_a_key_is_found_by_the_record_that_bears_it(index: IdempotencyIndex, journal: Listed) -> None:
    """Nobody tells the index: it reads what was written since it last looked."""
    assert index.find(USE, START) is None
    journal.records += [_record(1, None), _record(2, USE)]
    assert index.find(USE, START) == 2


def test_another_request_with_the_key_is_refused(index: IdempotencyIndex, journal: Listed) -> None:
    """The digest of the request is part of the use."""
    journal.records.append(_record(1, USE))
    with pytest.raises(IdempotencyMismatch):
        index.find(Use(USE.actor, USE.key, "POST /x other"), START)


def test_another_actors_key_is_another_key(index: IdempotencyIndex, journal: Listed) -> None:
    """Nobody gets somebody else's answer."""
    journal.records.append(_record(1, USE))
    assert index.find(Use("token:b", USE.key, USE.request), START) is None


def test_a_key_is_forgotten_after_its_hours(index: IdempotencyIndex, journal: Listed) -> None:
    """A day later it may be used anew."""
    journal.records.append(_record(1, USE))
    assert index.find(USE, START + timedelta(hours=23)) == 1
    assert index.find(USE, START + timedelta(hours=24)) is None


def test_a_lost_index_is_rebuilt(index: IdempotencyIndex, journal: Listed, tmp_path: Path) -> None:
    """The file is derived: deleting it loses nothing."""
    journal.records.append(_record(1, USE))
    assert index.find(USE, START) == 1
    for file in tmp_path.glob("keys.sqlite*"):
        file.unlink()
    assert index.find(USE, START) == 1


def test_a_running_key_refuses_its_twin_and_is_freed_after(tmp_path: Path) -> None:
    """Threads of one process are told apart too."""
    keys = RunningKeys(tmp_path / "lock")
    with keys.only(USE), pytest.raises(IdempotencyRunning), keys.only(USE):
        pass
    with keys.only(USE):
        pass
    keys.close()


_HOLDER = """
import sys, pathlib
from neira.idempotency.index import Use
from neira.idempotency.running import RunningKeys
with RunningKeys(pathlib.Path(sys.argv[1])).only(Use("token:a", "k1", "")):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_dead_process_frees_its_key(tmp_path: Path) -> None:
    """The lock is the kernel's: it goes with the process, however that ends."""
    keys = RunningKeys(tmp_path / "lock")
    command = [sys.executable, "-c", _HOLDER, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(IdempotencyRunning), keys.only(USE):
            pass
        holder.kill()
    with keys.only(USE):
        pass
    keys.close()
