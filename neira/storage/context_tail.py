"""How a file of items ends: what of it is whole, and which record it has reached.

`context_writer` looks before it writes to a file that it does not know. A killed writer, a full disk or a
power cut may have left a torn line there; it is cut off: the journal has it, and it will be written again.
"""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from neira.errors.input import BadJson
from neira.parse import strict_json
from neira.storage.context_files import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.model import Json

Mark: TypeAlias = tuple[int, int]  # the number of a record, and of an action in it

NOTHING: Mark = (0, -1)
_BLOCK = 64 << 10
_NUMBER = re.compile(r".*\.([0-9]{1,9})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a file: behind `size` it is torn; `reached` is what its last line of ours came from."""

    size: int
    reached: Mark


def tail(fd: int, size: int, *, asked: Mark, head: int | None = None) -> Tail:
    """Look at a file from its end back to an item that is asked for, or to the first one before it.

    Lines with zero bytes are pages that a power cut lost: with them goes all that stands behind. Lines of
    people, and those of records behind `head`, which are another journal's, say nothing of what was reached.
    """
    whole, reached, is_sound = size, NOTHING, False
    for start, raw in _lines_back(fd, size):
        found = None if raw is None else _read(raw)
        is_whole = raw is None or found is not None or not raw.strip()
        if (raw is not None and b"\0" in raw) or not (is_whole or is_sound):
            whole, reached, is_sound = start, NOTHING, False
            continue
        is_sound = True
        mark = _mark(found, head)
        if mark is not None:
            reached = max(reached, mark)
            if mark <= asked:
                break
    return Tail(whole, reached)


def _lines_back(fd: int, size: int) -> Iterator[tuple[int, bytes | None]]:
    """Give the lines of a file from its end, and where each begins; None is one that is too long."""
    at = end = size
    block = b""
    while end:
        cut = block.rfind(b"\n", 0, max(0, end - at - 1))
        if cut < 0 and at:
            count = min(_BLOCK, at)
            at -= count
            block = _exactly(fd, count, at) + (block if end - at <= LONGEST_LINE + _BLOCK else b"")
            continue
        start = at + cut + 1
        yield start, block[cut + 1 : end - at] if end - start <= LONGEST_LINE + 1 else None
        end = start


def _exactly(fd: int, count: int, at: int) -> bytes:
    found = os.pread(fd, count, at)
    if len(found) != count:
        raise OSError(errno.EIO, "the file became shorter while it was read")
    return found


def _read(raw: bytes) -> dict[str, Json] | None:
    try:
        found = strict_json.loads(raw)
    except BadJson:
        return None
    return found if isinstance(found, dict) else None


def _mark(item: dict[str, Json] | None, head: int | None) -> Mark | None:
    """Say which record and action a line of ours came from."""
    if item is None:
        return None
    seq, name = item.get("seq"), item.get("id")
    if not isinstance(seq, int) or isinstance(seq, bool) or not isinstance(name, str):
        return None
    number = _NUMBER.fullmatch(name)
    if number is None or (head is not None and seq > head):
        return None
    return seq, int(number[1])
