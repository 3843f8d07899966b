"""The event door above Flask answers as the view behind it would, to the last header."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder

from neira.model import Scope
from neira.settings import LogSettings, RateSettings, ServerSettings, Settings
from neira.web.current import face_of
from neira.web.door import EventDoor
from neira.web.server.body import BodyLimits, BoundedBody
from tests.fakes import CountingEntropy, SteppedClock
from tests.web.face.web_worlds import API, UNMETERED, World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from wsgiref.types import WSGIApplication


FRIEND = "https://app.example.org"
EVENT = {"tool_id": "ui.pencil", "event": "ui.pencil.draw", "params": {"color": "red"}, "context": {}}
PLAIN = json.dumps(EVENT).encode()
NAMED_ANEW = ("request_id", "event_id", "journal_id", "cost")

BODIES = st.sampled_from(
    [
        PLAIN,
        json.dumps({**EVENT, "params": {"color": 7}}).encode(),
        json.dumps({**EVENT, "event": "ui.pencil.other"}).encode(),
        json.dumps({**EVENT, "tool_id": "not.there"}).encode(),
        json.dumps({**EVENT, "more": 1}).encode(),
        json.dumps({**EVENT, "context": {"chat_id": "чат", "session_id": ".."}}).encode(),
        b'{"tool_id":"a","tool_id":"a"}',
        b"[]",
        b"{",
        b"",
        b"\xff",
        b"[" * 100,
        b" " * 40_000 + PLAIN,
    ]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Origin": st.sampled_from([FRIEND, "https://elsewhere.example", "null", "*"]),
        "Idempotency-Key": st.sampled_from(["once", "я", " "]),
        "Content-Encoding": st.sampled_from(["gzip", "identity"]),
        "If-Match": st.just('"1"'),
    },
)
KINDS = st.sampled_from(
    ["application/json", 'application/json; charset="utf-8"', "APPLICATION/JSON", "application/jsonp",
     "application/vnd.api+json", "text/plain", "multipart/form-data; boundary=x", ""]
)  # fmt: skip
SCOPES = st.sampled_from(["read", "write", "admin", "elsewhere", "nobody", "nonsense"])
PATHS = st.sampled_from(
    ["/ui/events", f"{API}/ui/events", "/ui/events/", "/ui/events?mode=preview", "/ui/events?mode=x"]
)
METHODS = st.sampled_from(["POST", "POST", "POST", "GET", "OPTIONS", "HEAD"])


def opened(world: World) -> tuple[Client, Client]:
    """Give the way through the door and the way past it."""
    view = partial(Flask.wsgi_app, world.app)
    return Client(bounded(EventDoor(view, face_of(world.app)))), Client(bounded(view))


def bounded(app: WSGIApplication) -> WSGIApplication:
    """Read the body as the application does."""
    return BoundedBody(app, BodyLimits(), clock=SteppedClock(), entropy=CountingEntropy())


@pytest.fixture(scope="module", params=[(), (FRIEND, "null")], ids=["alone", "shared"])
def pencil(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Open a home with the pencil in it, for pages of its own origin or of another one as well."""
    server = ServerSettings(cors_origins=request.param)
    chosen = Settings(server=server, log=LogSettings(level="error"), rate=UNMETERED.rate)
    made = make_world(tmp_path_factory.mktemp("door") / "home", chosen)
    made.open_gates()
    made.pencil(enable=True)
    made.tokens["elsewhere"] = made.token(Scope.WRITE, namespace="other")
    yield made
    made.app.close()
    made.kernel.close()


@dataclass(frozen=True, slots=True)
class Sent:
    """A request; each sending makes an environment of its own."""

    body: bytes = PLAIN
    by: str = "read"
    path: str = "/ui/events"
    method: str = "POST"
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def to(self, world: World) -> Any:
        """Write it as a server would."""
        headers = {**self.headers, "Content-Type": self.kind} if self.kind else dict(self.headers)
        secret = world.tokens.get(f"{self.by}:None:None") or world.tokens.get(self.by) or self.by
        if self.by != "nobody":
            headers["Authorization"] = f"Bearer {secret}"
        stream = BytesIO(self.body)  # given as it is: the builder would write forms of its own
        headers["Content-Length"] = str(len(self.body))
        return EnvironBuilder(self.path, method=self.method, input_stream=stream, headers=[*headers.items()])


ALL = st.builds(Sent, BODIES, SCOPES, PATHS, METHODS, KINDS, HEADERS)


def shown(answer: Any) -> tuple[int, dict[str, str], Any]:
    """Leave out of an answer what is drawn anew each time."""
    found = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
    assert len(found.pop("X-Request-Id")) == 32
    assert int(answer.headers["Content-Length"]) == len(answer.data) or not answer.data
    body = answer.get_json(silent=True)
    return answer.status_code, found, masked(body) if isinstance(body, dict) else answer.data


def masked(value: Any) -> Any:
    """Take the names that each event gets of its own out of a body."""
    if isinstance(value, list):
        return [masked(each) for each in value]
    if isinstance(value, dict):
        return {name: masked(each) for name, each in value.items() if name not in NAMED_ANEW}
    return value


@settings(max_examples=100, deadline=None)
@given(sent=ALL)
def test_the_door_is_the_view(pencil: World, sent: Sent) -> None:
    """Whatever is sent, by whomever: the same status, the same headers, the same body."""
    door, view = (shown(way.open(sent.to(pencil))) for way in opened(pencil))
    assert door == view


@pytest.mark.parametrize("path", ["/ui/events", f"{API}/ui/events"])
def test_a_plain_event_does_not_reach_flask(pencil: World, path: str) -> None:
    """Else the door would be for nothing."""

    def never(*_: object) -> Any:
        raise AssertionError("Flask was asked")

    door = Client(bounded(EventDoor(never, face_of(pencil.app))))
    answer: Any = door.open(Sent(path=path, by="write").to(pencil))
    assert (answer.status_code, answer.json["mode"]) == (200, "live")
    assert answer.headers["X-Request-Id"] == answer.json["request_id"]


def test_the_door_asks_the_same_rate(tmp_path: Path) -> None:
    """What passes either way is paid for once, and refused in the same words."""
    rate = RateSettings(events=1, events_burst=2)
    world = make_world(tmp_path / "home", Settings(log=LogSettings(level="error"), rate=rate))
    door, view = opened(world)
    said = [way.open(Sent().to(world)) for way in (door, view) * 2]
    assert [answer.status_code for answer in said] == [200, 200, 429, 429]
    assert shown(said[2]) == shown(said[3])
    world.app.close()
    world.kernel.close()


def test_both_ways_are_counted_and_told_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The log and the counters do not show which way an event took."""
    world = make_world(tmp_path / "home", Settings(log=LogSettings(level="info")))
    for way in opened(world):
        way.open(Sent().to(world))
        way.open(Sent(b"{").to(world))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    for line in lines:
        del line["request_id"]
    assert lines[:2] == lines[2:]
    counted = face_of(world.app).telemetry.exposition().decode()
    assert 'neira_requests_total{method="POST",route="/ui/events",status="200"} 2.0' in counted
    assert 'neira_requests_total{method="POST",route="/ui/events",status="400"} 2.0' in counted
    assert 'neira_events_total{mode="dry_run"} 2.0' in counted
    world.app.close()
    world.kernel.close()
