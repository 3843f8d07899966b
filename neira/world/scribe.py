"""After each change: brings the files that show the world up to date, for machines and for people.

The change is on disk before the scribe begins, so a file that cannot be written now is only late. The fault
is remembered and shown by `/readyz` and `neira doctor` until a later write goes well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors import NeiraError
from neira.gates import render as capabilities
from neira.journal import render as journaling

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.gates.catalogue import Catalogue
    from neira.home import Home
    from neira.model import Record, Seq
    from neira.ports import Clock
    from neira.world.projections import Projections
    from neira.world.world import World

_PATIENCE = 20  # the index of plugins may cost one part in this many of the time


class Scribe:
    """Writes what follows from the journal."""

    def __init__(
        self,
        home: Home,
        catalogue: Catalogue,
        projections: Projections,
        clock: Clock,
        *,
        remind: Callable[[float], None],
    ) -> None:
        self._home = home
        self._catalogue = catalogue
        self._projections = projections
        self._clock = clock
        self._remind = remind  # asks for `settle` in so many seconds, when nothing else comes along
        self._doubts: dict[str, str] = {}
        self._index_seq: Seq | None = None  # the newest change of plugins that is not in the index yet
        self._index_due = 0.0
        self._has_followed = False

    def doubts(self) -> tuple[str, ...]:
        """Name the files that are late, and why."""
        return tuple(f"{name}: {why}" for name, why in self._doubts.items())

    def follow(self, world: World, record: Record) -> None:
        """Write what a record changes: the parts of the world that it moved."""
        self._has_followed = True
        if world.plugins.seq == record.seq:
            self._index_seq = record.seq
            self._save_index(world)
        if world.gates.seq == record.seq:
            self._write("gates", lambda: self._projections.save_gates(world))
            self._write(
                "CAPABILITIES.md", lambda: capabilities.write(self._home.root, world.gates, self._catalogue)
            )
        if world.tokens.seq == record.seq:
            self._write("tokens", lambda: self._projections.save_tokens(world))
        self._write("JOURNALING.md", lambda: journaling.append_entry(self._home.root, record))

    def settle(self, world: World) -> None:
        """Write an index that is still late."""
        if self._index_seq is not None:
            self._index_due = 0.0
            self._save_index(world)

    def close(self, world: World) -> None:
        """Leave files that are true at the end of the journal, if this process has changed anything."""
        if self._has_followed:
            self._projections.save(world)

    def _save_index(self, world: World) -> None:
        """Write the index now, or leave it to a later change while many come and it has grown large."""
        begun = self._clock.monotonic()
        if begun < self._index_due:
            self._remind(self._index_due - begun)
            return
        if self._write("index.json", lambda: self._projections.save_plugins(world)):
            self._index_seq = None
        ended = self._clock.monotonic()
        self._index_due = ended + (ended - begun) * _PATIENCE - 1.0  # up to 50 ms a write: never late

    def _write(self, name: str, write: Callable[[], None]) -> bool:
        try:
            write()
        except (NeiraError, OSError) as error:
            self._doubts[name] = str(error)
            return False
        self._doubts.pop(name, None)
        return True
