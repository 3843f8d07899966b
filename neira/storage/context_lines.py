"""An item as the line that is written, and what of it is too large for a line.

`context_writer` calls it. The host's keys stand first and cannot be taken by a plugin: what it gave under
such a name is kept under `own`. A long list becomes an attachment, and the line holds its digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.parse import strict_json
from neira.storage.context_files import LONGEST_LINE
from neira.storage.context_places import HOST_KEYS, PLACE_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.model import Json, JsonObject, Seq
    from neira.storage.context_places import Place

OWN = "own"
LARGE = 16 << 10  # bytes of a list or an object that still stands in a line
LARGE_TEXT = 256 << 10  # bytes of a text: only what stands in a line is found by its words

_TAKEN = frozenset({*HOST_KEYS, *PLACE_KEYS, OWN})


@dataclass(frozen=True, slots=True)
class Item:
    """One item: the record and action that it comes from, what the host says of it, what the plugin said."""

    seq: Seq
    number: int  # of the action in its record
    host: JsonObject  # `id`, which ends in the number, and more
    body: JsonObject


@dataclass(frozen=True, slots=True)
class Line:
    """The bytes of a line, and the large parts that it names, by digest."""

    raw: bytes
    parts: Mapping[str, bytes]


def line_of(place: Place, item: Item) -> Line:
    """Write an item as a line."""
    host = {"id": item.host["id"], "seq": item.seq, **item.host}
    body = _apart(place, item.body, host)
    raw = _raw(host, body)
    if len(raw) <= LARGE:
        return Line(raw, {})
    parts: dict[str, bytes] = {}
    raw = _raw(host, {key: _moved(value, parts) for key, value in body.items()})
    if len(raw) > LONGEST_LINE:  # readers would pass it over
        parts.clear()
        raw = _raw(host, {OWN: _attached(strict_json.dumps(body).encode(), parts)})
    return Line(raw, parts)


def _raw(host: JsonObject, body: JsonObject) -> bytes:
    return strict_json.dumps({**host, **body}).encode() + b"\n"


def _apart(place: Place, body: JsonObject, host: JsonObject) -> JsonObject:
    """Put what a plugin gave under names that are not its own beside the rest; its place it may repeat."""
    if _TAKEN.isdisjoint(body) and host.keys().isdisjoint(body):
        return body
    known = {"type": place.type, "chat_id": place.chat, "session_id": place.session}
    said = {key: value for key, value in body.items() if key not in known or value != known[key]}
    own = {key: value for key, value in said.items() if key in _TAKEN or key in host}
    rest = {key: value for key, value in said.items() if key not in own}
    return {**rest, OWN: own} if own else rest


def _moved(value: Json, parts: dict[str, bytes]) -> Json:
    """Take a value out of the line if it is too large for it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    data = strict_json.dumps(value).encode()
    if len(data) <= (LARGE_TEXT if isinstance(value, str) else LARGE):
        return value
    return _attached(data, parts)


def _attached(data: bytes, parts: dict[str, bytes]) -> JsonObject:
    digest = hashlib.sha256(data).hexdigest()
    parts[digest] = data
    return {"attachment": digest, "bytes": len(data)}
