"""Plugin files that belong to a change: written after its record, and finished by the next one if need be.

Before the record an intention is noted in `.neira/entries/`. After it the bytes of the store are written to
the plugin's `entry` and the note goes. A process that dies in between leaves a note: whoever holds the change
lock next finishes it if the record made it to disk, and throws it away if not.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from neira import disk
from neira.changes.plan import EntryFile
from neira.model import Digest
from neira.parse import strict_json
from neira.registry import entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from neira.home import Home
    from neira.registry.artifacts import ArtifactStore
    from neira.world.world import World


class EntryFiles:
    """The notes and the files of one home."""

    def __init__(self, home: Home, store: ArtifactStore) -> None:
        self._home = home
        self._store = store
        self._notes = home.private / "entries"
        self._notes.mkdir(exist_ok=True)

    def intend(self, files: Iterable[EntryFile]) -> None:
        """Note what the coming record will want written."""
        for file in files:
            text = strict_json.dumps({"path": file.path, "digest": file.digest})
            name = hashlib.sha256(file.path.encode()).hexdigest()[:16]
            disk.write_atomic(self._notes / name, text.encode(), mode=0o600)

    def finish(self, world: World) -> None:
        """Write every noted file that the world knows of; call it under the change lock."""
        for note in sorted(self._notes.iterdir()):
            if not note.name.startswith("."):
                self._finish(note, world)

    def _finish(self, note: Path, world: World) -> None:
        noted = _read(note)
        if noted and world.plugins.entry_digest(noted.path) == noted.digest:
            entry.write(self._home.root, noted.path, self._store.get(noted.digest))
        note.unlink()


def _read(note: Path) -> EntryFile | None:
    try:
        data = strict_json.loads(note.read_bytes())
    except Exception:  # noqa: BLE001 - a torn note is a note that was never finished
        return None
    if not isinstance(data, dict):
        return None
    return EntryFile(str(data.get("path")), Digest(str(data.get("digest"))))
