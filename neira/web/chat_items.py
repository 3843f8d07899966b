"""What plugins saved for one session of a chat, read from its files; a missing file is an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import disk
from neira.errors.input import BadJson
from neira.model import PluginId
from neira.parse import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from neira.model import Caller, JsonObject

LARGEST = 64 << 20  # bytes of one session's file
TYPES = ("annotation", "message")


def items(folder: Path, chat: str, session: str, *, kind: str | None) -> Iterator[JsonObject]:
    """Read the items of a session, oldest first, of one type or of all."""
    for each in TYPES:
        if kind in {None, each}:
            yield from _lines(folder, f"{chat}/{session}.{each}s.ndjson", each)


def _lines(folder: Path, file: str, kind: str) -> Iterator[JsonObject]:
    if not (folder / file).exists():
        return
    for line in disk.read_regular(folder, file, limit=LARGEST).splitlines():
        item = _item(line)
        if item is not None:
            yield {"type": kind, **item}


def _item(line: bytes) -> JsonObject | None:
    """Read a line; a torn last one is written anew by whoever finishes the files, so it is passed over."""
    try:
        found = strict_json.loads(line)
    except BadJson:
        return None
    return found if isinstance(found, dict) else None


def is_shown(item: JsonObject, caller: Caller, words: str) -> bool:
    """Tell whether a caller may see an item, and whether the words are in it."""
    owner = item.get("plugin")
    if caller.namespace is not None and not caller.may_touch(PluginId(str(owner))):
        return False
    return words.casefold() in strict_json.dumps(item).casefold()
