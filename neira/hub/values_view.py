"""The stored values as runs see them: certain at the moment of reading, and checked again at the commit.

A slot of shared memory holds, for each key (and whatever shares its slot), the number of the record that
wrote it last. A commit sets it under the journal's lock before anything is written; whoever reads takes the
number first and waits for the stores to have come that far. If the number is another when the reader commits,
it has read something old.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from neira.model import Seq
from neira.parse import strict_json
from neira.shared import VERSION_SLOTS, Word
from neira.state import values

if TYPE_CHECKING:
    from neira.hub.applier import Applier
    from neira.journal.journal import Journal
    from neira.model import Json, JsonObject, PluginId
    from neira.shared import SharedWords
    from neira.state.database import Database


class ValuesView:
    """Reads stored values for runs."""

    def __init__(self, database: Database, applier: Applier, journal: Journal, words: SharedWords) -> None:
        self._database = database
        self._applier = applier
        self._journal = journal
        self._words = words

    def get(self, plugin: PluginId, key: str) -> tuple[Json, int]:
        """Read a value, and the number that says later whether it is still the same."""
        token = self._words[self.slot(plugin, key)]
        if token > self._words[Word.APPLIED]:
            if token > self._journal.tail()[0]:  # that commit is under way, or has failed and never comes
                self._journal.flush()
            self._applier.upto(Seq(min(token, self._journal.tail()[0])))
        return values.get(self._database.reading(), plugin, key), token

    def size(self, plugin: PluginId, key: str) -> int | None:
        """Say how many bytes a key takes; none if it is not there."""
        return values.size(self._database.reading(), plugin, key)

    def use(self, plugin: PluginId) -> tuple[int, int]:
        """Say how many keys and bytes a plugin has stored."""
        used = values.use(self._database.reading(), plugin)
        return used.keys, used.bytes

    @staticmethod
    def slot(plugin: PluginId, key: str) -> int:
        """Name the word of shared memory at which writers of this key meet."""
        return Word.VERSIONS + zlib.crc32(f"{plugin}\0{key}".encode()) % VERSION_SLOTS


class RestoredValues:
    """The stored values as they will be once a rollback has taken them back: for the `on_init` before it."""

    def __init__(self, view: ValuesView, kept: JsonObject) -> None:
        self._view = view
        self._kept = kept

    def get(self, plugin: PluginId, key: str) -> tuple[Json, int]:
        """Read a value, and the number that says later whether anybody has written it."""
        _, token = self._view.get(plugin, key)
        return self._kept.get(key), token

    def size(self, plugin: PluginId, key: str) -> int | None:
        """Say how many bytes a key takes; none if it is not there."""
        _ = plugin
        if key not in self._kept:
            return None
        return len(key.encode()) + len(strict_json.dumps(self._kept[key]).encode())

    def use(self, plugin: PluginId) -> tuple[int, int]:
        """Say how many keys and bytes there are."""
        return len(self._kept), sum(self.size(plugin, key) or 0 for key in self._kept)

    def slot(self, plugin: PluginId, key: str) -> int:
        """Name the word of shared memory at which writers of this key meet."""
        return self._view.slot(plugin, key)
