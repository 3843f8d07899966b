"""The form of a record on disk: how a draft becomes bytes, and bytes a record.

`journal.py` prepares and seals, every reader takes apart. The last fields of a line have fixed lengths, so
that a verifier needs no JSON parser: `,"payload":"…"}` (if any), `,"prev":"…"`, `,"hash":"…"}`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from neira.errors.home import NewerFormat
from neira.errors.journal import JournalDamaged, NotText, TextTooLong
from neira.model import FIRST_PREV, ChangeNote, NoPayload, Record, Seq
from neira.parse.strict_json import NotJson, dumps

if TYPE_CHECKING:
    from neira.model import Draft, Json, JsonObject
    from neira.ports import Entropy

FORMAT = 1
LONGEST_TEXT = 2_000  # characters of one text of `change`, or of one link
MOST_TEXTS = 100  # impacts, links
RESERVED = frozenset({"format", "clock", "payload"})  # keys of `data` that belong to the journal

HASH_FIELD = len(',"hash":""}') + 64
PREV_FIELD = len(',"prev":""') + 64
PAYLOAD_FIELD = len(',"payload":""}') + 64
PAYLOAD_KEY = b',"payload":"'
SHORTEST_PAYLOAD = 96  # room for `{"forgotten":"<64>"}` in the place of any payload

RECORD_START = b'{"seq":'
_ID = b'"id":"'  # nothing before it can hold a quote of its own
_SALT_START, _FORGOTTEN_START = b'{"salt":"', b'{"forgotten":"'
PAYLOAD_STARTS = (_SALT_START, _FORGOTTEN_START)

_KIND = re.compile(r"[a-z_]+\.[a-z_]+")
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG = 48
# Inside JSON strings only; escaped so that a reader who splits at Unicode line ends sees one line too.
_BREAKS = {0x7F: "\\u007f", 0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@dataclass(frozen=True, slots=True)
class Tail:
    """The last record of a chain: what the next one continues."""

    seq: Seq
    hash: str
    ts: datetime | None


GENESIS = Tail(Seq(0), FIRST_PREV, None)  # what the first record continues


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft that is certain to seal: everything that can be refused has been written out."""

    slug: str
    head: str  # `"kind":…` to `"links":[…]`
    data: str  # the inside of `data`, each key with a comma before it
    payload: str | None

    def ready(self, entropy: Entropy) -> Ready:
        """Write all the bytes that do not depend on the record's place; done outside the journal's lock."""
        start = f',{self.head},"data":{{"format":{FORMAT}'.encode()
        data = self.data.encode()
        payload = None
        if self.payload is not None:
            salted = f'{{"salt":"{entropy.bytes(16).hex()}","payload":{self.payload}}}'.encode()
            payload = salted.ljust(SHORTEST_PAYLOAD)
            data += b',"payload":"%b"' % hashlib.sha256(payload).hexdigest().encode()
        return Ready(self.slug.encode(), start, data, payload)


@dataclass(frozen=True, slots=True)
class Ready:
    """A record but for its number, its time and its place in the chain."""

    slug: bytes
    start: bytes  # from behind the time up to `"format":1`
    data: bytes  # the rest of `data`
    payload: bytes | None


class Moment:
    """The time of one commit, written once for all its records."""

    __slots__ = ("at", "id", "ts")

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)
        self.id = f"{self.at:%Y%m%d-%H%M%S}".encode()
        self.ts = timestamp(self.at).encode()


@dataclass(frozen=True, slots=True)
class Sealed:
    """The bytes of a record, its newlines included, and the tail that they make."""

    line: bytes
    payload: bytes | None
    tail: Tail

    @property
    def raw(self) -> bytes:
        """Give the bytes as they go to disk."""
        return self.line + b"\n" if self.payload is None else self.line + b"\n" + self.payload + b"\n"

    @property
    def id(self) -> str:
        """Give the readable id, as answers name it."""
        start = self.line.find(_ID) + len(_ID)
        return self.line[start : self.line.find(b'"', start)].decode()

    def record(self) -> Record:
        """Read the record back from its own bytes, so that the writer sees what every reader will."""
        return _taken_apart(self.line, self.payload)


def prepare(draft: Draft) -> Prepared:
    """Write out a draft, or refuse what the journal does not take."""
    if not _KIND.fullmatch(draft.kind) or RESERVED & draft.data.keys():
        message = f"not a draft: kind {draft.kind!r}, data with {sorted(RESERVED & draft.data.keys())}"
        raise ValueError(message)
    _check_texts(draft.change, draft.links)
    data = f",{_json('data', dict(draft.data))[1:-1]}" if draft.data else ""
    payload = None if isinstance(draft.payload, NoPayload) else _json("payload", draft.payload)
    return Prepared(_slug(draft.slug), _head(draft), data, payload)


def seal(draft: Draft, *, after: Tail, at: datetime, entropy: Entropy) -> Sealed:
    """Chain a draft to a tail; equal arguments give equal bytes."""
    return assemble(prepare(draft).ready(entropy), after=after, now=Moment(at))


def assemble(draft: Ready, *, after: Tail, now: Moment) -> Sealed:
    """Chain what is ready; this is all that is done for a record under the journal's lock."""
    seq = Seq(after.seq + 1)
    back = b',"clock":"back"' if after.ts is not None and now.at < after.ts else b""
    body = b'{"seq":%d,"id":"NEI-%b-%b-%d","ts":"%b"%b%b%b},"prev":"%b"' % (
        seq, now.id, draft.slug, seq, now.ts, draft.start, back, draft.data, after.hash.encode()
    )  # fmt: skip
    own = hashlib.sha256(body).hexdigest()
    return Sealed(b'%b,"hash":"%b"}' % (body, own.encode()), draft.payload, Tail(seq, own, now.at))


def read(line: bytes, payload: bytes | None) -> Record:
    """Take a record apart; a line whose own hash does not fit is damage."""
    if not is_whole(line):
        raise JournalDamaged("bit_flip", None, "a line does not fit its own hash")
    return _taken_apart(line, payload)


def is_whole(line: bytes) -> bool:
    """Tell whether a record line fits the hash at its end."""
    own = hashlib.sha256(line[:-HASH_FIELD]).hexdigest()
    return line[-HASH_FIELD:] == b',"hash":"%b"}' % own.encode()


def payload_fits(line: bytes, payload: bytes | None) -> bool:
    """Tell whether a record's payload line is the one it names, or stands blanked in its place."""
    digest = payload_digest(line)
    if digest is None or payload is None:
        return digest is None and payload is None
    return hashlib.sha256(payload).hexdigest() == digest or is_forgotten(payload, digest)


def is_forgotten(payload: bytes, digest: str) -> bool:
    """Tell whether a payload line is the blank of this digest."""
    return payload.rstrip(b" ") == b'{"forgotten":"%b"}' % digest.encode()


def blank(digest: str, length: int) -> bytes:
    """Make the line that takes the place of a forgotten payload."""
    return (b'{"forgotten":"%b"}' % digest.encode()).ljust(length)


def payload_digest(line: bytes) -> str | None:
    """Return the digest of the payload line that must follow, if one must."""
    field = line[-HASH_FIELD - PREV_FIELD - PAYLOAD_FIELD : -HASH_FIELD - PREV_FIELD]
    return field[len(PAYLOAD_KEY) : -2].decode("ascii", "replace") if field.startswith(PAYLOAD_KEY) else None


def hash_of(line: bytes) -> str:
    """Return the hash that a record line names as its own."""
    return line[-66:-2].decode("ascii", "replace")


def prev_of(line: bytes) -> str:
    """Return the hash of the record before, as a record line names it."""
    return line[-HASH_FIELD - 65 : -HASH_FIELD - 1].decode("ascii", "replace")


def seq_of(line: bytes) -> int | None:
    """Return the number of a record line; of any other line, none."""
    digits = line[len(RECORD_START) : line.find(b",")]
    return int(digits) if line.startswith(RECORD_START) and digits.isdigit() else None


def kind_of(line: bytes) -> str:
    """Return the kind of a record without parsing it: nothing before it can hold a quote of its own."""
    start = line.find(b'"kind":"') + len('"kind":"')
    return line[start : line.find(b'"', start)].decode("ascii", "replace")


def tail_of(line: bytes) -> Tail:
    """Return what the record after this line has to continue."""
    found = json.loads(line)
    return Tail(Seq(found["seq"]), found["hash"], datetime.fromisoformat(found["ts"]))


def timestamp(at: datetime) -> str:
    """Write a time as records do: UTC, microseconds, Z."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _taken_apart(line: bytes, payload: bytes | None) -> Record:
    found = json.loads(line)
    data = found["data"]
    if data["format"] > FORMAT:
        raise NewerFormat(str(data["format"]), FORMAT)
    change = found["change"]
    return Record(
        seq=Seq(found["seq"]), id=found["id"], ts=datetime.fromisoformat(found["ts"]), kind=found["kind"],
        actor=found["actor"], links=tuple(found["links"]), prev=found["prev"], hash=found["hash"],
        change=ChangeNote(change["what"], change["why"], change["verify"], tuple(change["impact"])),
        data={key: value for key, value in data.items() if key not in RESERVED},
        payload=_payload(line, payload),
    )  # fmt: skip


def _payload(line: bytes, payload: bytes | None) -> Json | NoPayload:
    if payload is None:
        return NoPayload.NEVER
    if not payload_fits(line, payload):
        raise JournalDamaged("payload_mismatch", seq_of(line), "a payload does not fit its digest")
    if payload.startswith(_FORGOTTEN_START):
        return NoPayload.FORGOTTEN
    found: JsonObject = json.loads(payload)
    return found["payload"]


def _check_texts(note: ChangeNote, links: tuple[str, ...]) -> None:
    for field, text in (("what", note.what), ("why", note.why), ("verify", note.verify)):
        if len(text) > LONGEST_TEXT:
            raise TextTooLong(field, len(text), LONGEST_TEXT)
    for field, many in (("impact", note.impact), ("links", links)):
        if len(many) > MOST_TEXTS:
            raise TextTooLong(field, len(many), MOST_TEXTS)
        for text in many:
            if len(text) > LONGEST_TEXT:
                raise TextTooLong(field, len(text), LONGEST_TEXT)


def _head(draft: Draft) -> str:
    """Write `kind` to `links` in one go; only if that fails is the field looked for that is to blame."""
    note = draft.change
    change: Json = {"what": note.what, "why": note.why, "verify": note.verify, "impact": note.impact}
    head: JsonObject = {
        "kind": draft.kind, "actor": draft.actor, "change": change, "links": draft.links
    }  # fmt: skip
    try:
        return _text(head)[1:-1]
    except NotJson:
        for field, value in head.items():
            _json(field, value)
        raise


def _json(field: str, value: Json) -> str:
    try:
        return _text(value)
    except NotJson as error:
        raise NotText(field, str(error)) from error


def _text(value: Json) -> str:
    text = dumps(value)
    return text if text.isascii() and "\x7f" not in text else text.translate(_BREAKS)


def _slug(text: str) -> str:
    return _NO_SLUG.sub("-", text.lower()).strip("-")[:_LONGEST_SLUG].strip("-") or "record"
