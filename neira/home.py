"""A home: the folder in which one Neira lives, its layout and its format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.home import NewerFormat, NotAHome

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1  # of the layout and of the records; `neira migrate` raises it


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one home; nothing else builds a path below it."""

    root: Path

    @property
    def private(self) -> Path:
        """Keys, locks and derived indexes; nobody else may read it."""
        return self.root / ".neira"

    @property
    def locks(self) -> Path:
        """One file a kernel lock."""
        return self.private / "locks"

    @property
    def card(self) -> Path:
        """The file that says that this is a home, and of which format."""
        return self.private / "home.json"

    @property
    def plugins(self) -> Path:
        """Plugins as people edit them, the index, and the store."""
        return self.root / "plugins"

    @property
    def journal(self) -> Path:
        """Segments, checkpoints and JOURNALING.md."""
        return self.root / "journal"

    @property
    def capabilities(self) -> Path:
        """Gates as people write them and their current states."""
        return self.root / "capabilities"

    @property
    def context(self) -> Path:
        """What plugins saved for chats and sessions."""
        return self.root / "context"

    def folders(self) -> tuple[Path, ...]:
        """List every folder of the layout, parents first."""
        return (
            self.plugins, self.plugins / "scripts", self.plugins / "wasm", self.plugins / "store",
            self.capabilities, self.journal, self.context,
            self.private, self.locks, self.private / "keys", self.private / "metrics",
        )  # fmt: skip

    def lay_out(self) -> None:
        """Make the folders that are missing; `.neira` is private."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in self.folders():
            folder.mkdir(exist_ok=True)
        self.private.chmod(0o700)

    def write_card(self, created: str, *, number: int = FORMAT) -> None:
        """Say that this folder is a home."""
        card = {"format": number, "created": created}
        disk.write_atomic(self.card, json.dumps(card).encode() + b"\n", mode=0o600)

    def check(self) -> int:
        """Return the format of this home, or refuse a folder that is none or is newer than this program."""
        try:
            number = json.loads(self.card.read_bytes())["format"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise NotAHome(self.root.name) from None
        if not isinstance(number, int) or number > FORMAT:
            raise NewerFormat(str(number), FORMAT)
        return number
