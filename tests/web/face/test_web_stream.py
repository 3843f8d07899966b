"""What event streams carry, to whom, and how long."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from neira.model import Scope
from neira.web.stream import News
from tests.web.face.web_worlds import API, World

if TYPE_CHECKING:
    from werkzeug.test import TestResponse


def listen(world: World, by: str, after: int = 0) -> TestResponse:
    """Open a stream in the old way: the test client is no gunicorn."""
    headers = {"Authorization": f"Bearer {by}", "Last-Event-ID": str(after)}
    return world.app.test_client().get(f"{API}/ui/stream", headers=headers)


def frames(stream: TestResponse, count: int) -> list[dict[str, Any]]:
    """Read the data of some frames, and hang up."""
    blocks = (block.decode() for block in stream.iter_encoded() if block.startswith(b"id:"))
    found = [json.loads(block.partition("data: ")[2]) for block in itertools.islice(blocks, count)]
    stream.close()
    return found


def test_a_stream_tells_what_changed_from_where_it_ended(world: World) -> None:
    """Gates and safe mode, not tokens; numbers are the journal's; nobody's words are passed on."""
    world.open_gates()
    world.ask("PUT", f"{API}/safe-mode", json={"enabled": True, "why": "a secret reason"})
    reader = world.tokens["read:None:None"]
    stream = listen(world, reader)
    assert stream.content_type.startswith("text/event-stream")
    told = frames(stream, 4)
    assert [each["kind"] for each in told] == ["gate.changed"] * 3 + ["safe_mode.entered"]
    assert "secret" not in json.dumps(told)
    assert frames(listen(world, reader, after=told[1]["seq"]), 2) == told[2:]


def test_the_journal_is_read_only_when_something_happened(world: World) -> None:
    """The source knows its head without reading."""
    source = News(world.kernel)
    head = source.head()
    assert source.since(head) == ()
    world.open_gates()
    assert len(source.since(head)) == 3


def test_a_stream_ends_with_its_token(world: World) -> None:
    """Revoked is revoked at once."""
    made = world.ask("POST", f"{API}/tokens", json={"name": "x", "scope": "read"}).json
    stream = listen(world, made["token"])
    world.ask("DELETE", f"{API}/tokens/{made['id']}")
    assert frames(stream, 1) == []


def test_a_wrong_number_is_refused(refusing: World) -> None:
    """Before anything is streamed."""
    headers = {"Last-Event-ID": "-1"}
    answer = refusing.ask("GET", f"{API}/ui/stream", by=Scope.READ, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_last_event_id")
