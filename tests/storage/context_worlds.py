"""What the tests of the context store share: a writer in a folder of its own, items to write, searches."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neira.model import Seq
from neira.storage.context_files import Position, Wanted
from neira.storage.context_index import ContextIndex
from neira.storage.context_search import Page, Search, search
from neira.storage.context_words import folded
from neira.storage.context_writer import ContextWriter, Item, Place
from tests.fakes import SteppedClock

if TYPE_CHECKING:
    from pathlib import Path

NOTE = Place("c", "s", "note")


def item(seq: int, number: int = 0, /, **body: Any) -> Item:
    """Make an item as the applier does."""
    event = f"01890000-0000-7000-8000-{seq:012}"
    host = {
        "id": f"{event}.{number}",
        "ts": "2026-01-02T03:04:05.000006Z",
        "plugin": "ui.pencil",
        "version": "0.1.0",
        "actor": "token:a",
        "event_id": event,
    }
    return Item(Seq(seq), number, host, body)


@dataclass
class World:
    """A context folder with its writer; `restarted` forgets what the writer knew, as a new process does."""

    root: Path
    head: int | None = None
    writer: ContextWriter = field(init=False)

    def __post_init__(self) -> None:
        self.private.mkdir(exist_ok=True)
        self.restart()

    @property
    def context(self) -> Path:
        """Name the folder of the items."""
        return self.root / "context"

    @property
    def private(self) -> Path:
        """Name the folder of what is derived."""
        return self.root / "private"

    def restart(self) -> None:
        """Go on in another process."""
        head = self.head
        self.writer = ContextWriter(self.context, self.private, head=None if head is None else lambda: head)

    def save(self, seq: int, place: Place = NOTE, /, number: int = 0, **body: Any) -> None:
        """Append one item."""
        self.writer.append(place, item(seq, number, **body))

    def path(self, place: Place = NOTE) -> Path:
        """Name the file of a place."""
        return self.context / place.chat / place.name

    def lines(self, place: Place = NOTE) -> list[dict[str, Any]]:
        """Read a file; each of its lines must be whole."""
        return [json.loads(line) for line in self.path(place).read_bytes().splitlines(keepends=True)]

    def seqs(self, place: Place = NOTE) -> list[int]:
        """Name the records that a file holds."""
        return [line["seq"] for line in self.lines(place)] if self.path(place).exists() else []

    def attachments(self, chat: str = "c") -> set[str]:
        """Name what lies in a chat's folder of attachments."""
        folder = self.context / chat / "attachments"
        return {path.name for path in folder.iterdir()} if folder.exists() else set()


class Found:
    """Searches with an index, and says whether it was the index that answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = SteppedClock()
        self.index = ContextIndex(world.private, world.context, self.clock)

    def page(self, words: str, *, limit: int = 100, start: str = "///0", **wanted: Any) -> Page:
        """Search one page, which must be the index's own."""
        lines = self.index.look(folded(words), lambda look: len([*look.steps(Wanted(), Position())]))
        assert lines is not None
        return self.either(words, limit=limit, start=start, **wanted)

    def either(self, words: str, *, limit: int = 100, start: str = "///0", **wanted: Any) -> Page:
        """Search one page, with the index if it can."""
        asked = Search(words=words, wanted=Wanted(**wanted), is_seen=lambda _: True)
        return search(self.world.context, asked, Position.read(start), limit=limit, index=self.index)

    def seqs(self, words: str, **wanted: Any) -> list[Any]:
        """Name the records of what the index finds."""
        return [item["seq"] for item in self.page(words, **wanted).items]
