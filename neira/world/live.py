"""The world kept current: every process of a home sees a change with its very next request.

A word of shared memory holds the number of the newest record that changes facts. A process whose own world
is older reads the records in between and folds them; nothing polls, and nothing waits for a file to settle.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from neira.errors.journal import JournalDamaged
from neira.shared import Word
from neira.world.world import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from neira.journal.journal import Journal
    from neira.model import Record
    from neira.shared import SharedWords
    from neira.world.world import World

FACTS = ("plugin.", "gate.", "token.", "safe_mode.", "registry.", "journal.archived", "home.")


def changes_facts(kind: str) -> bool:
    """Tell whether records of this kind move the world (events do not)."""
    return kind.startswith(FACTS)


class LiveWorld:
    """The current world of this process."""

    def __init__(
        self, world: World, journal: Journal, words: SharedWords, *, on_damage: Callable[[str], None]
    ) -> None:
        self._world = world
        self._journal = journal
        self._words = words
        self._on_damage = on_damage
        self._moving = threading.Lock()

    def now(self) -> World:
        """Return the world as of this instant."""
        if self._words[Word.WORLD_SEQ] > self._world.seq:
            self.refresh()
        return self._world

    def refresh(self) -> World:
        """Fold every record that this process has not seen."""
        with self._moving:
            try:
                self._fold(self._journal.after(self._world.seq))
            except JournalDamaged as damage:
                self._on_damage(str(damage))
                self._world = replace(self._world, seq=self._journal.tail()[0])  # reading goes on
            return self._world

    def publish(self) -> World:
        """Fold what this process has just written, and let the others know of it.

        It is read back from the journal with whatever stands before it: a process that died between its
        commit and its answer leaves a record that nobody has folded yet.
        """
        world = self.refresh()
        self._words.raise_to(Word.WORLD_SEQ, world.seq)
        return world

    def put(self, world: World) -> None:
        """Put a world in the place of one that was made of doubtful files."""
        with self._moving:
            self._world = world

    def _fold(self, records: Iterable[Record]) -> World:
        world = self._world
        for record in records:
            world = fold(world, record)
        self._world = world
        return world
