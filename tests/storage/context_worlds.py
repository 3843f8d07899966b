"""What the tests of the context store share: a writer in a folder of its own, and items to write."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neira.model import Seq
from neira.storage.context_writer import ContextWriter, Item, Place

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
