"""How much of a request has to be there before a thread takes it: the worker asks after each read.

This only decides *when* a request is handed over. What it says is decided by gunicorn's parser alone, which
reads the same bytes from their beginning; a length that this page misreads costs waiting, never meaning.
"""

from __future__ import annotations

import re
from enum import Enum, auto

MOST_HEAD = 32 * 1024  # request line and headers; the parser's own limits are below it
SMALL_BODY = 32 * 1024  # a declared body up to this size is waited for in the loop, not in a thread

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)
_NOT_YET = re.compile(rb"\r\n(?:expect|transfer-encoding):", re.IGNORECASE)  # or not so


class Arrival(Enum):
    """What the bytes so far amount to."""

    PART = auto()
    WHOLE = auto()
    TOO_LONG = auto()
    GONE = auto()  # never said here: by the connection, when the client has left


def arrived(data: bytes | bytearray) -> Arrival:
    """Tell whether a thread would have all it needs to read the head and a small body."""
    end = data.find(_END)
    if end < 0:
        return Arrival.TOO_LONG if len(data) > MOST_HEAD else Arrival.PART
    if end > MOST_HEAD:
        return Arrival.TOO_LONG
    missing = end + len(_END) + _small_body(bytes(data[: end + 2])) - len(data)
    return Arrival.PART if missing > 0 else Arrival.WHOLE


def _small_body(head: bytes) -> int:
    """Return the bytes of body worth waiting for; none if the client awaits a word or means to send much."""
    found = _LENGTH.search(head)
    if found is None or _NOT_YET.search(head):
        return 0
    length = int(found[1])
    return length if length <= SMALL_BODY else 0
