"""What the watcher could not load, for every process to show: the keeper alone writes `.neira/watch.json`.

A note says why the bytes that now lie at a plugin's entry do not run; the plugin itself goes on with what it
had. It goes when the file can be loaded, is put back, or is removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import disk
from neira.errors import NeiraError
from neira.parse import strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from neira.home import Home
    from neira.model import Digest, Json, JsonObject

FILE = "watch.json"
MOST = 1000  # plugins with a note; a home with more broken files needs no longer list
_LONGEST_MESSAGE = 500  # characters
_LONGEST_DETAILS = 2048  # characters of JSON
_LARGEST = 8 << 20


def read(home: Home) -> Mapping[str, JsonObject]:
    """Read the notes by plugin id; a file that is missing or damaged holds none."""
    try:
        found = strict_json.loads(disk.read_regular(home.private, FILE, limit=_LARGEST))
    except (NeiraError, OSError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {plugin: note for plugin, note in found.items() if isinstance(note, dict)}


def write(home: Home, notes: Mapping[str, JsonObject]) -> None:
    """Put the notes in the place of the former ones."""
    kept = dict(sorted(notes.items())[:MOST])
    disk.write_atomic(home.private / FILE, strict_json.dumps(kept).encode(), mode=0o600)


def note(error: NeiraError, digest: Digest | None, at: datetime) -> JsonObject:
    """Say why some bytes were refused; `digest` is missing where they could not even be read."""
    details: Json = dict(error.details)
    if len(strict_json.dumps(details)) > _LONGEST_DETAILS:
        details = {}
    return {
        "code": error.code,
        "message": error.sentence[:_LONGEST_MESSAGE],
        "hint": error.hint[:_LONGEST_MESSAGE],
        "digest": digest,
        "at": at.isoformat(timespec="milliseconds"),
        "details": details,
    }
