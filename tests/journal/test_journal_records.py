"""The form of a record: one line, chained, read back as it was written."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.errors.home import NewerFormat
from neira.errors.journal import JournalDamaged, NotText, TextTooLong
from neira.journal import record
from neira.journal.record import GENESIS, Sealed, Tail
from neira.model import ChangeNote, Draft, Json, NoPayload, Seq
from tests.fakes import START, CountingEntropy

HOSTILE = [
    'ok"}\n{"seq":999,"id":"x"}',
    "line\u2028separator\u2029and\u0085next\x7f",
    "lone\rreturn\vand\ftabs\x1c\x1d\x1e",
    "zero \x00 and escape \x1b[2J",
    '","prev":"0","hash":"0"}',
    "```\n- id: evil",
]
TEXT = st.text(max_size=80)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def sealed(draft: Draft, *, after: Tail = GENESIS, at: datetime = START) -> Sealed:
    """Seal with the same randomness each time."""
    return record.seal(draft, after=after, at=at, entropy=CountingEntropy())


def with_why(why: str) -> Draft:
    """Make a draft with a reason."""
    return Draft("plugin.registered", "token:test", ChangeNote("what", why), "slug")


def test_equal_arguments_give_equal_bytes() -> None:
    """Sealing is a function."""
    draft = Draft("gate.changed", "cli", ChangeNote("opened"), "gate", {"gate": "x"}, payload={"a": 1})
    assert sealed(draft).raw == sealed(draft).raw


def test_the_keys_stand_in_the_order_that_verifiers_rely_on() -> None:
    """The order of DESIGN, `format` first in data and the payload's digest last."""
    line = sealed(Draft("gate.changed", "cli", ChangeNote("w"), "gate", {"gate": "x"}, payload=1)).line
    found = json.loads(line)
    assert list(found) == ["seq", "id", "ts", "kind", "actor", "change", "links", "data", "prev", "hash"]
    assert list(found["data"]) == ["format", "gate", "payload"]
    assert found["prev"] == "0" * 64


@pytest.mark.parametrize("why", HOSTILE)
def test_a_hostile_why_stays_inside_its_line(why: str) -> None:
    """J07: nothing in a text ends the line, even for a reader that splits at Unicode line ends."""
    made = sealed(with_why(why))
    assert made.line.count(b"\n") == 0
    assert len(made.line.decode().splitlines()) == 1
    assert made.record().change.why == why


def test_a_long_why_is_refused() -> None:
    """J07: 2,000 characters fit, one more does not."""
    assert sealed(with_why("я" * 2_000)).record().change.why == "я" * 2_000
    with pytest.raises(TextTooLong) as caught:
        sealed(with_why("я" * 2_001))
    assert caught.value.code == "why_too_long"


@pytest.mark.parametrize(
    "draft",
    [
        with_why("\ud800"),
        Draft("a.b", "x", ChangeNote("w"), "s", {"n": float("nan")}),
        Draft("a.b", "x", ChangeNote("w"), "s", payload="\udfff"),
    ],
)
def test_what_has_no_form_is_refused(draft: Draft) -> None:
    """J07: lone surrogates and NaN never reach the disk."""
    with pytest.raises(NotText):
        sealed(draft)


@pytest.mark.parametrize(
    "draft",
    [
        Draft("event", "x", ChangeNote("w"), "s"),
        Draft('a.b"', "x", ChangeNote("w"), "s"),
        Draft("a.b", "x", ChangeNote("w"), "s", {"payload": "0" * 64}),
    ],
)
def test_a_draft_that_forges_the_form_is_a_mistake_of_ours(draft: Draft) -> None:
    """Kinds are noun.verb, and the journal's own keys are its own."""
    with pytest.raises(ValueError, match="not a draft"):
        sealed(draft)


def test_too_many_links_are_refused() -> None:
    """A record stays small enough to read."""
    with pytest.raises(TextTooLong):
        sealed(Draft("a.b", "x", ChangeNote("w"), "s", links=("l",) * 101))


def test_a_clock_that_goes_back_is_marked() -> None:
    """J06: the number orders, the time may go back, and the record says so."""
    first = sealed(with_why(""), at=START)
    second = sealed(with_why(""), after=first.tail, at=datetime(1970, 1, 1, tzinfo=UTC))
    assert json.loads(second.line)["data"] == {"format": 1, "clock": "back"}
    assert second.record().data == {}
    assert "clock" not in json.loads(sealed(with_why(""), after=first.tail, at=START).line)["data"]


def test_ids_differ_within_a_second() -> None:
    """J06: same second, same slug, another id."""
    first = sealed(with_why(""))
    second = sealed(with_why(""), after=first.tail)
    assert first.record().id == "NEI-20260102-030405-slug-1"
    assert second.record().id == "NEI-20260102-030405-slug-2"


@pytest.mark.parametrize(
    ("slug", "clean"),
    [("UI.pencil", "ui-pencil"), ("../..\n", "record"), ("карандаш", "record"), ("a" * 99, "a" * 48)],
)
def test_slugs_are_cleaned(slug: str, clean: str) -> None:
    """An id is safe in a path, in a URL and in YAML."""
    made = sealed(Draft("a.b", "x", ChangeNote("w"), slug)).record()
    assert made.id == f"NEI-20260102-030405-{clean}-1"


def test_a_short_payload_leaves_room_for_its_blank() -> None:
    """Whatever is forgotten can be overwritten in place."""
    payload = sealed(Draft("a.b", "x", ChangeNote("w"), "s", payload=1)).payload
    assert payload is not None
    assert len(payload) == record.SHORTEST_PAYLOAD
    assert len(record.blank("0" * 64, len(payload))) == len(payload)


def test_a_newer_format_is_refused_by_name() -> None:
    """A record that a newer program wrote is not guessed at."""
    body = sealed(with_why("")).line[: -record.HASH_FIELD].replace(b'"format":1', b'"format":2')
    own = hashlib.sha256(body).hexdigest()
    with pytest.raises(NewerFormat):
        record.read(body + b',"hash":"' + own.encode() + b'"}', None)


@settings(max_examples=60, deadline=None)
@given(TEXT, st.dictionaries(TEXT.filter(lambda key: key not in record.RESERVED), VALUES, max_size=3), VALUES)
def test_what_was_sealed_is_read_back(what: str, data: dict[str, Json], payload: Json) -> None:
    """Every draft that seals is the record that comes back, on one line."""
    draft = Draft("event.result", "a", ChangeNote(what, impact=(what,)), what, data, (what,), payload)
    made = sealed(draft)
    found = made.record()
    assert (found.change, found.data, found.links, found.payload) == (draft.change, data, (what,), payload)
    assert made.raw.count(b"\n") == 2
    assert record.kind_of(made.line) == "event.result"
    assert record.seq_of(made.line) == 1


@settings(max_examples=100, deadline=None)
@given(st.data(), st.booleans())
def test_any_changed_byte_is_found(data: st.DataObject, has_payload: bool) -> None:
    """One byte of a record or of its payload cannot change unseen."""
    draft = Draft(
        "event.result",
        "a",
        ChangeNote("what"),
        "s",
        {"n": 1},
        payload={"x": 1} if has_payload else NoPayload.NEVER,
    )
    made = sealed(draft, after=Tail(Seq(41), "a" * 64, START - timedelta(hours=1)))
    raw = bytearray(made.line + (made.payload or b""))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    line, payload = bytes(raw[: len(made.line)]), bytes(raw[len(made.line) :]) if has_payload else None
    assert not (record.is_whole(line) and record.payload_fits(line, payload))


def test_a_changed_record_is_not_read() -> None:
    """Reading checks the hash."""
    line = sealed(with_why("")).line.replace(b'"what"', b'"whet"', 1)
    with pytest.raises(JournalDamaged):
        record.read(line, None)
