"""Conditions on requests: revisions, keys that make repeating safe, pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neira.errors.change import BadCursor
from neira.model import Scope
from neira.web.paging import opened, page_of, sealed
from tests.web.face.web_worlds import API, World

GATE = f"{API}/capabilities/annotations_pencil"
OPEN = {"state": "experimental", "why": "to draw"}
SHUT = {"state": "locked", "why": "enough"}


def test_of_two_who_read_the_same_state_one_is_told(world: World) -> None:
    """The later change finds that its tag is old, and learns the one of today."""
    tag = world.ask("GET", GATE).headers["ETag"]
    first = world.ask("PUT", GATE, headers={"If-Match": tag}, json=OPEN)
    second = world.ask("PUT", GATE, headers={"If-Match": tag}, json=SHUT)
    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json["code"] == "precondition_failed"
    again = world.ask("PUT", GATE, headers={"If-Match": first.headers["ETag"]}, json=SHUT)
    assert again.status_code == 200
    assert world.ask("GET", GATE).headers["ETag"] == again.headers["ETag"]


@pytest.mark.parametrize("tag", ["*", 'W/"0"', '"0", "1"', "0", '"0', "", '""'])
def test_only_one_strong_tag_is_a_precondition(refusing: World, tag: str) -> None:
    """What is anything else is refused, never guessed."""
    answer = refusing.ask("PUT", GATE, headers={"If-Match": tag}, json=OPEN)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_if_match")


def test_a_change_sent_twice_happens_once(world: World) -> None:
    """The same key and body get the same answer, another body is refused, another token is another sender."""
    key = {"Idempotency-Key": "k1"}
    first = world.ask("PUT", GATE, headers=key, json=OPEN)
    seq = world.kernel.journal.tail()[0]
    again = world.ask("PUT", GATE, headers=key, json=OPEN)
    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert world.kernel.journal.tail()[0] == seq
    assert world.ask("PUT", GATE, headers=key, json=SHUT).json["code"] == "idempotency_mismatch"
    other = world.ask("PUT", GATE, by=world.token(Scope.ADMIN), headers=key, json=SHUT)
    assert other.json["state"] == "locked"


def test_an_event_sent_twice_is_one_event(world: World) -> None:
    """The answer is made of the record again."""
    event = {"tool_id": "ui.pencil", "event": "ui.pencil.draw"}
    key = {"Idempotency-Key": "k1"}
    first = world.ask("POST", "/ui/events", by=Scope.READ, headers=key, json=event)
    again = world.ask("POST", "/ui/events", by=Scope.READ, headers=key, json=event)
    assert first.status_code == 200
    assert again.json == first.json
    other = world.ask("POST", "/ui/events", by=Scope.READ, headers=key, json={**event, "params": {"a": 1}})
    assert (other.status_code, other.json["code"]) == (422, "idempotency_mismatch")


def test_a_secret_is_not_shown_to_a_repeated_request(world: World) -> None:
    """Who lost the answer makes another token."""
    asked = {"name": "ci", "scope": "read"}
    key = {"Idempotency-Key": "k1"}
    first = world.ask("POST", f"{API}/tokens", headers=key, json=asked)
    again = world.ask("POST", f"{API}/tokens", headers=key, json=asked)
    assert first.status_code == 201
    assert "token" in first.json
    assert "token" not in again.json
    assert again.json["id"] == first.json["id"]


@pytest.mark.parametrize("key", ["", "x" * 129, "\xe9", "a\tb", "   "])
def test_a_key_that_is_none_is_refused(refusing: World, key: str) -> None:
    """1 to 128 printable ASCII characters."""
    answer = refusing.ask("PUT", GATE, headers={"Idempotency-Key": key}, json=OPEN)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_idempotency_key")


@pytest.mark.parametrize("path", ["/ui/tools", f"{API}/ui/tools", f"{API}/plugins"])
def test_who_holds_the_list_is_told_so(world: World, path: str) -> None:
    """304 without a body; a moved gate makes the list news again, and so does another scope."""
    tag = world.ask("GET", path).headers["ETag"]
    held = {"If-None-Match": f'W/"x", {tag}'}
    same = world.ask("GET", path, headers=held)
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    assert world.ask("GET", path, by=Scope.READ, headers=held).status_code == 200
    world.open_gates()
    assert world.ask("GET", path, headers=held).status_code == 200


@pytest.mark.parametrize(
    "path", [f"{API}/plugins", f"{API}/tokens", "/ui/tools", f"{API}/journal", f"{API}/context/c/s"]
)
@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=%EF%BC%91", "limit=1&limit=2", "limit=-1", "limt=3"]
)
def test_a_wrong_query_is_named(refusing: World, path: str, query: str) -> None:
    """Numbers are digits, names are known and stand once."""
    answer = refusing.ask("GET", f"{path}?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_query")


@pytest.mark.parametrize(
    "path", [f"{API}/plugins", f"{API}/tokens", "/ui/tools", f"{API}/journal", f"{API}/context/c/s"]
)
@pytest.mark.parametrize("cursor", ["x", "====", "a b", "%C3%A9", "aHR0cA", "k" * 999])
def test_a_cursor_of_somebody_else_is_refused(refusing: World, path: str, cursor: str) -> None:
    """Cursors are opaque and ours."""
    answer = refusing.ask("GET", f"{path}?cursor={cursor}")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_cursor")


def test_pages_hold_everything_once(world: World) -> None:
    """Going from cursor to cursor shows each token exactly once."""
    for _ in range(7):
        world.token(Scope.READ)
    seen: list[str] = []
    query = "?limit=3"
    while query:
        page = world.ask("GET", f"{API}/tokens{query}").json
        seen += [token["id"] for token in page["tokens"]]
        query = f"?limit=3&cursor={page['next']}" if page["next"] else ""
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 3 + 7


@given(st.text(max_size=60))
def test_a_cursor_gives_its_key_back(key: str) -> None:
    """Whatever the key is."""
    assert opened(sealed(key)) == key


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_of_ours_or_refused(text: str) -> None:
    """Nothing else comes out."""
    try:
        assert sealed(opened(text)) == text
    except BadCursor:
        assert True


@given(st.lists(st.text(max_size=5), unique=True), st.integers(1, 5))
def test_pages_of_any_list_are_the_list(keys: list[str], limit: int) -> None:
    """In the order of the keys, nothing twice, nothing left out."""
    keys = sorted(key for key in keys if key)
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = page_of(keys, str, limit=limit, cursor=cursor)
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    assert found == keys
