"""The bytes between host and guest: requests out, answers in.

The guest side is `guest/src/lib.rs` (answers) and `guest/src/world.rs` (requests).
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from rhai.outcome import Line
from rhai.values import inward

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rhai.functions import HostFunction
    from rhai.limits import Limits

_HEAD = struct.Struct("<IIQII")
_AS_JSON = 1
# Limits begin with eight words of four bytes; a call has its flags before them.
_OPERATIONS_AT = 32
_FLAGS = 4
_PLAIN_ONLY = 2


class Reply(NamedTuple):
    """An answer, taken apart; a tuple, because each call makes one."""

    failed: bool
    tagged: bool
    operations: int
    value: bytes
    logs: tuple[Line, ...]
    dropped: int


def text(value: str) -> bytes:
    """Write a text with its length."""
    raw = value.encode()
    return len(raw).to_bytes(4, "little") + raw


def equipment(
    limits: Limits,
    functions: Iterable[HostFunction],
    libraries: Mapping[str, str],
    constants: Mapping[str, object],
) -> bytes:
    """Write what scripts of an engine share."""
    offers = [
        text(function.module) + text(function.name) + struct.pack("<HH", function.least, function.most)
        for function in functions
    ]
    modules = [text(name) + text(source) for name, source in libraries.items()]
    counted = (len(offers).to_bytes(4, "little"), *offers, len(modules).to_bytes(4, "little"), *modules)
    return b"".join((limits.packed(), *counted, inward(dict(constants), "scope")))


def program(limits: Limits, name: str, source: str) -> bytes:
    """Write a script to be compiled."""
    return limits.packed() + text(name) + text(source)


def call_head(limits: Limits, function: str, *, as_json: bool) -> bytes:
    """Write all of a call but its arguments, which follow."""
    flags = _AS_JSON | _PLAIN_ONLY if as_json else 0
    return flags.to_bytes(4, "little") + limits.packed() + text(function)


def stopping_at(export: str, data: bytes, operations: int) -> bytes:
    """Change a request so that it ends after so many operations: where the first run was stopped."""
    at = _OPERATIONS_AT + (_FLAGS if export == "call" else 0)
    return data[:at] + operations.to_bytes(8, "little") + data[at + 8 :]


def reply(data: bytes) -> Reply:
    """Take an answer apart."""
    kind, flags, operations, length, talk = _HEAD.unpack_from(data)
    end = _HEAD.size + length
    lines, dropped = _lines(data[end : end + talk]) if talk else ((), 0)
    return Reply(kind == 1, bool(flags & 1), operations, data[_HEAD.size : end], lines, dropped)


def _lines(raw: bytes) -> tuple[tuple[Line, ...], int]:
    said: dict[str, Any] = json.loads(raw)
    return tuple(Line(kind, words) for kind, words in said["lines"]), said["dropped"]


def host_request(data: bytes) -> tuple[str, bool, str]:
    """Take a host call apart: the function's name, whether values are tagged, the arguments as JSON."""
    end = 4 + int.from_bytes(data[:4], "little")
    return data[4:end].decode(), data[end] == 1, data[end + 1 :].decode()
