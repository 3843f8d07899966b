"""The files that show the world: `plugins/index.json`, `capabilities/state.json`, `.neira/tokens.json`.

Each is a projection of the journal and may lag behind it, never lead. At a start they save the reading of
the whole journal; one that cannot be believed is named, and the journal says what is true until
`neira registry rebuild` writes it anew.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from neira import sealed
from neira.errors.journal import JournalDamaged
from neira.gates import state_file
from neira.gates.board import Board
from neira.model import FIRST_PREV, NEVER, Seq
from neira.registry import index_file
from neira.registry.snapshot import Snapshot
from neira.security import token_file
from neira.security.tokens import Tokens
from neira.world import snapshots
from neira.world.world import World, fold

if TYPE_CHECKING:
    from neira.gates.catalogue import Catalogue
    from neira.home import Home
    from neira.journal.journal import Journal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One projection as its file tells it, or an empty one and what is wrong with the file."""

    state: T
    seq: Seq
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The world, the files that could not be believed, and whether the others were behind the journal."""

    world: World
    faults: tuple[str, ...]
    is_late: bool = False


class Projections:
    """The files of one home."""

    def __init__(self, home: Home, catalogue: Catalogue, journal: Journal) -> None:
        self._home = home
        self._catalogue = catalogue
        self._journal = journal
        self._index = index_file.IndexWriter()

    def read(self) -> Reading:
        """Take the files for what they are worth and fold what the journal has behind them."""
        if self._journal.tail()[0] == 0:
            return Reading(World(Board.initial(self._catalogue)), ())
        plugins, gates, tokens = self._plugins(), self._gates(), self._tokens()
        start = World(gates=gates.state, plugins=plugins.state, tokens=tokens.state)
        since = min(plugins.seq, gates.seq, tokens.seq)
        faults = tuple(part.fault for part in (plugins, gates, tokens) if part.fault)
        if faults:
            return Reading(self.fold_all(), faults)
        world = self._fold(start, since)
        moved = (world.plugins.seq, world.gates.seq, world.tokens.seq)
        written = (plugins.seq, gates.seq, tokens.seq)
        is_late = any(now > then for now, then in zip(moved, written, strict=True))
        return Reading(world, (), is_late)

    def fold_all(self) -> World:
        """Make the world of the journal alone, from its beginning or the snapshot that an archive left."""
        base = self._journal.base()
        if base == 0:
            return self._fold(World(Board.initial(self._catalogue)), NEVER)
        snapshot = self._journal.get(Seq(base + 1))
        return self._fold(snapshots.from_json(snapshot, self._catalogue), snapshot.seq)

    def save(self, world: World) -> None:
        """Write all three files."""
        self.save_plugins(world)
        self.save_gates(world)
        self.save_tokens(world)

    def save_plugins(self, world: World) -> None:
        """Write the index of plugins."""
        self._index.write(self._home.root, world.plugins, at=(world.seq, world.head))

    def save_gates(self, world: World) -> None:
        """Write where the gates stand."""
        state_file.write(self._home.root, world.gates, at=(world.seq, world.head))

    def save_tokens(self, world: World) -> None:
        """Write the list of tokens."""
        token_file.write(self._home.private / token_file.FILE, world.tokens, world.seq, world.head)

    def _fold(self, world: World, since: Seq) -> World:
        """Fold what stands behind a record; the end is fixed before, since others write meanwhile."""
        seq, head = self._journal.tail()
        with suppress(JournalDamaged):  # what is behind the damage is unknown; the check-up has braked for it
            for record in self._journal.after(since):
                world = fold(world, record)
        return world if world.seq >= seq else replace(world, seq=seq, head=head)

    def _plugins(self) -> Part[Snapshot]:
        reading = index_file.read(self._home.root)
        if reading.snapshot is None:
            return Part(Snapshot(), NEVER, f"{index_file.FILE}: {reading.why}")
        return self._held(Part(reading.snapshot, reading.seq), reading.head, index_file.FILE, Snapshot())

    def _gates(self) -> Part[Board]:
        reading = state_file.read(self._home.root, self._catalogue)
        initial = Board.initial(self._catalogue)
        if reading.board is None:
            return Part(initial, NEVER, f"{state_file.FILE}: {reading.why}")
        return self._held(Part(reading.board, reading.seq), reading.head, state_file.FILE, initial)

    def _tokens(self) -> Part[Tokens]:
        reading = sealed.read(self._home.private / token_file.FILE)
        if isinstance(reading, sealed.Broken):
            return Part(Tokens(), NEVER, f"{token_file.FILE}: {reading.why}")
        tokens = token_file.tokens_of(reading.body, reading.seq)
        return self._held(Part(tokens, reading.seq), reading.head, token_file.FILE, Tokens())

    def _held(self, part: Part[T], head: str, file: str, empty: T) -> Part[T]:
        """Hold a file against the journal: the record it names must be there, with the hash it names."""
        seq, tail = self._journal.tail()
        if part.seq > seq:
            return Part(
                empty, NEVER, f"{file}: ahead of the journal (record {part.seq}, the journal ends at {seq})"
            )
        if head != (tail if part.seq == seq else self._hash(part.seq)):
            return Part(empty, NEVER, f"{file}: belongs to another journal")
        return part

    def _hash(self, seq: Seq) -> str:
        if seq == 0:
            return FIRST_PREV
        return self._journal.get(seq).hash
