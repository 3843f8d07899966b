"""Whatever dies at whatever byte: after the repetition each line stands in its file once, in order."""

from __future__ import annotations

import multiprocessing
import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.storage.context_writer import Place
from tests.storage.context_worlds import World

if TYPE_CHECKING:
    from pathlib import Path

PLACES = (Place("c", "s", "note"), Place("c", "s", "message"), Place("d", "s", "note"))
MOVES = st.one_of(
    st.tuples(st.just("commit"), st.lists(st.integers(0, 2), min_size=1, max_size=4)),
    st.tuples(st.just("settle"), st.just(0)),
    st.tuples(st.just("turn"), st.just(0)),  # another process goes on
    st.tuples(st.just("repeat"), st.integers(0, 12)),  # from so many records before the end
    st.tuples(st.just("kill"), st.tuples(st.integers(0, 2), st.integers(0, 400))),  # in its last line
    st.tuples(
        st.just("power"), st.lists(st.tuples(st.integers(0, 5000), st.booleans()), min_size=3, max_size=3)
    ),
)


class Machine:
    """Records with a place for each of their actions, and what of them is certain on disk."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.records: list[list[int]] = []
        self.settled = 0
        self.certain = [0, 0, 0]  # bytes of each file

    def commit(self, places: list[int]) -> None:
        """One more record with its actions."""
        self.records.append(places)
        self.apply(len(self.records) - 1)

    def apply(self, first: int) -> None:
        """Repeat all records from one on."""
        for seq in range(first, len(self.records)):
            for number, place in enumerate(self.records[seq]):
                self.world.save(seq + 1, PLACES[place], number=number, text=f"{seq}.{number}" * (seq % 7))

    def settle(self, _: int) -> None:
        """Everything is on disk."""
        self.world.writer.settle()
        self.settled = len(self.records)
        self.certain = [self.size(place) for place in range(3)]

    def turn(self, _: int) -> None:
        """Let another process write."""
        self.world.restart()

    def repeat(self, back: int) -> None:
        """Apply again what is applied."""
        self.apply(max(0, len(self.records) - back))

    def kill(self, cut: tuple[int, int]) -> None:
        """Cut bytes off the file that was written last, as a kill within a write does, and repeat."""
        place, count = cut
        last = [each for places in self.records for each in places][-1:]
        if last == [place]:
            line = self.world.path(PLACES[place]).read_bytes().splitlines(keepends=True)[-1]
            self.truncate(place, self.size(place) - min(count, len(line)))
        self.world.restart()
        self.apply(max(0, len(self.records) - 1))

    def power(self, cuts: list[tuple[int, bool]]) -> None:
        """Lose whatever is not certain, cut off or as zeros; the next boot repeats from the mark."""
        for place, (at, zeros) in enumerate(cuts):
            size = self.size(place)
            keep = min(size, self.certain[place] + at)
            if zeros and keep < size:
                with self.world.path(PLACES[place]).open("r+b") as file:
                    file.seek(keep)
                    file.write(bytes(min(64, size - keep)))
            else:
                self.truncate(place, keep)
        self.world.restart()
        self.apply(self.settled)

    def size(self, place: int) -> int:
        """Measure a file."""
        path = self.world.path(PLACES[place])
        return path.stat().st_size if path.exists() else 0

    def truncate(self, place: int, size: int) -> None:
        """Cut a file."""
        if self.size(place) > size:
            with self.world.path(PLACES[place]).open("r+b") as file:
                file.truncate(size)

    def expected(self, place: int) -> list[str]:
        """Name the items that a file has to hold."""
        return [
            f"{seq + 1}.{number}"
            for seq, places in enumerate(self.records)
            for number, each in enumerate(places)
            if each == place
        ]

    def found(self, place: int) -> list[str]:
        """Name the items that a file holds."""
        if not self.world.path(PLACES[place]).exists():
            return []
        return [f"{line['seq']}.{line['id'].rpartition('.')[2]}" for line in self.world.lines(PLACES[place])]


@given(moves=st.lists(MOVES, max_size=14))
@settings(max_examples=100, deadline=None)
def test_each_line_stands_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, object]]
) -> None:
    """After every move: commits, kills, power cuts, repetitions, other processes, in any order."""
    machine = Machine(World(tmp_path_factory.mktemp("context")))
    for name, given_to_it in moves:
        getattr(machine, name)(given_to_it)
        for place in range(3):
            assert machine.found(place) == machine.expected(place)


def _write_for_ever(root: Path) -> None:
    """Append items until somebody ends this process."""
    world = World(root)
    for seq in range(1, 1_000_000):
        world.save(seq, PLACES[seq % 3], text="x" * (seq % 5000))


@pytest.mark.slow
def test_a_killed_process_leaves_nothing_twice_and_nothing_torn(tmp_path: Path) -> None:
    """Five writers in turn, each killed while it writes; the last one repeats everything."""
    spawn = multiprocessing.get_context("spawn")
    for pause in (0.02, 0.05, 0.01, 0.03, 0.1):
        writer = spawn.Process(target=_write_for_ever, args=(tmp_path,))
        writer.start()
        until = time.monotonic() + 20
        begun = _total(tmp_path)
        while _total(tmp_path) == begun and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(pause)
        writer.kill()
        writer.join()
    world = World(tmp_path)
    last = max(_reached(world.path(place)) for place in PLACES) + 1
    for seq in range(1, last + 1):
        world.save(seq, PLACES[seq % 3], text="x" * (seq % 5000))
    for number, place in enumerate(PLACES):
        assert world.seqs(place) == [seq for seq in range(1, last + 1) if seq % 3 == number]


def _reached(file: Path) -> int:
    """Say how far a file came; its last line may be torn."""
    return max(int(seq) for seq in re.findall(rb'"seq":([0-9]+)', file.read_bytes()))


def _total(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*.ndjson"))
