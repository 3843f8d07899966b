"""Plugins, tools and events over HTTP, on a home whose first gates are open."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from neira.model import Scope
from tests.web.face.web_worlds import API, PENCIL, SOURCE, World

STROKE = {
    "tool_id": "ui.pencil",
    "event": "ui.pencil.draw",
    "params": {"color": "#ff8800", "points": [[0, 0], [1, 2]]},
    "context": {"chat_id": "c1", "session_id": "s1"},
}


@pytest.fixture
def drawing(world: World) -> World:
    """Open the gates of stage one."""
    world.open_gates()
    return world


def parts(**more: Any) -> dict[str, Any]:
    """Make the parts of an upload."""
    return {
        "manifest": (io.BytesIO(json.dumps(PENCIL).encode()), "manifest.json"),
        "file": (io.BytesIO(SOURCE.encode()), "ui_pencil.rhai"),
        **more,
    }


def test_a_closed_gate_is_named_with_the_way_to_open_it(world: World) -> None:
    """An embryo takes no plugin."""
    answer = world.pencil()
    assert (answer.status_code, answer.json["code"]) == (403, "capability_disabled")
    assert answer.json["capability"] == "ui_tools_registry"
    assert answer.json["suggestions"]


def test_a_plugin_is_made_then_changed(drawing: World) -> None:
    """201 when it is new, 200 when it is not; it stays disabled until somebody enables it."""
    made = drawing.pencil()
    assert (made.status_code, made.json["id"], made.json["state"]) == (201, "ui.pencil", "disabled")
    assert made.headers["ETag"] == f'"{made.json["revision"]}"'
    again = drawing.pencil()
    assert (again.status_code, again.json["journal_id"]) == (200, None)
    assert "unchanged" in again.json
    newer = {**PENCIL, "version": "0.2.0"}
    updated = drawing.ask("POST", f"{API}/plugins", json={"manifest": newer, "source": SOURCE})
    assert (updated.status_code, updated.json["version"]) == (200, "0.2.0")


def test_a_verb_that_needs_no_words_needs_no_body(drawing: World) -> None:
    """`curl -X POST …/enable` is enough; an empty body that calls itself JSON is not JSON."""
    drawing.pencil()
    for verb, state in (("enable", "enabled"), ("reload", "enabled"), ("disable", "disabled")):
        answer = drawing.ask("POST", f"{API}/plugins/ui.pencil/{verb}")
        assert (answer.status_code, answer.json["state"]) == (200, state)
    empty = drawing.ask("POST", f"{API}/plugins/ui.pencil/enable", data=b"", content_type="application/json")
    assert empty.status_code == 400
    assert drawing.ask("POST", f"{API}/plugins").status_code == 400


def test_a_plugin_comes_as_a_form_too(drawing: World) -> None:
    """The parts say the same as the keys, and may be sent again under one key with another boundary."""
    key = {"Idempotency-Key": "k1"}
    made = drawing.ask("POST", f"{API}/plugins", headers=key, data=parts(why="new", enable="true"))
    assert (made.status_code, made.json["state"]) == (201, "enabled")
    again = drawing.ask("POST", f"{API}/plugins", headers=key, data=parts(why="new", enable="true"))
    assert again.json == made.json
    other = drawing.ask("POST", f"{API}/plugins", headers=key, data=parts(why="old", enable="true"))
    assert other.json["code"] == "idempotency_mismatch"


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"file": "text without a file name"}, "file"),
        ({"enable": "perhaps"}, "enable"),
        ({"whyy": "x"}, "whyy"),
        ({"why": [(io.BytesIO(b"a"), "a"), (io.BytesIO(b"b"), "b")]}, "body"),
    ],
)
def test_a_form_with_mistakes_is_refused(drawing: World, more: dict[str, Any], path: str) -> None:
    """With the part that is wrong."""
    answer = drawing.ask("POST", f"{API}/plugins", data=parts(**more))
    assert (answer.status_code, answer.json["problems"][0]["path"]) == (400, path)


def test_a_form_that_is_none_is_refused(drawing: World) -> None:
    """A body without parts has no manifest."""
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = drawing.ask("POST", f"{API}/plugins", data=b"--y\r\nnothing", content_type=kind)
        assert (answer.status_code, answer.json["problems"][0]["path"]) == (400, "manifest")


def test_a_plugin_lives_through_its_verbs(drawing: World) -> None:
    """Enabled, disabled, rolled back, unpinned, configured, deleted; each has its place in the journal."""
    drawing.pencil()
    newer = {**PENCIL, "version": "0.2.0"}
    drawing.ask("POST", f"{API}/plugins", json={"manifest": newer, "source": SOURCE})
    at = f"{API}/plugins/ui.pencil"
    verbs: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/enable", {}),
        ("POST", "/disable", {"reason": "it draws too much"}),
        ("POST", "/rollback", {"version": "0.1.0"}),
        ("POST", "/unpin", {}),
        ("POST", "/reload", {}),
        ("PUT", "/config", {"config": {"max_tabs": 30}}),
    ]
    for method, rest, body in verbs:
        answer = drawing.ask(method, at + rest, json={**body, "why": "tried"})
        assert answer.status_code == 200, answer.json
        assert answer.json["journal_id"] or answer.json["unchanged"]
    shown = drawing.ask("GET", at, by=Scope.READ)
    assert (shown.json["version"], shown.json["state"]) == ("0.1.0", "disabled")
    assert drawing.ask("GET", f"{at}/config").json["config"] == {"max_tabs": 30}
    assert [each["version"] for each in drawing.ask("GET", f"{at}/versions").json["versions"]] == [
        "0.2.0",
        "0.1.0",
    ]
    assert drawing.ask("GET", f"{at}/permissions").json["requested"] == ["storage:write"]
    gone = drawing.ask("DELETE", f"{at}?why=enough")
    assert gone.status_code == 200
    record = drawing.ask("GET", f"{API}/journal?id={gone.json['journal_id']}").json["records"][0]
    assert (record["kind"], record["change"]["why"]) == ("plugin.deleted", "enough")
    assert drawing.ask("GET", at).json["code"] == "plugin_not_found"


def test_a_bound_token_sees_and_touches_its_own(drawing: World) -> None:
    """The namespace ends at a dot; what lies outside is not even confirmed to be missing."""
    drawing.pencil(enable=True)
    acme = drawing.token(Scope.ADMIN, namespace="acme")
    assert drawing.ask("GET", f"{API}/plugins", by=acme).json["plugins"] == []
    assert drawing.ask("GET", "/ui/tools", by=acme).json["tools"] == []
    for path in ("ui.pencil", "acmeevil.x", "nobody"):
        for method in ("GET", "DELETE"):
            answer = drawing.ask(method, f"{API}/plugins/{path}", by=acme)
            assert (answer.status_code, answer.json["code"]) == (403, "namespace_mismatch")
    assert drawing.ask("GET", f"{API}/plugins/acme.x", by=acme).status_code == 404
    sent = drawing.ask("POST", f"{API}/plugins", by=acme, json={"manifest": PENCIL, "source": SOURCE})
    assert sent.json["code"] == "namespace_mismatch"
    assert drawing.ask("POST", "/ui/events", by=acme, json=STROKE).json["code"] == "namespace_mismatch"
    for path in ("/journal", "/journal/verify", "/journal/export", "/tokens"):
        assert drawing.ask("GET", API + path, by=acme).status_code == 403


def test_lists_are_filtered(drawing: World) -> None:
    """By state, kind and words."""
    drawing.pencil()
    for query, count in {
        "state=disabled": 1, "state=enabled": 0, "kind=script": 1, "kind=wasm": 0, "q=PENC": 1, "q=brush": 0,
    }.items():  # fmt: skip
        assert len(drawing.ask("GET", f"{API}/plugins?{query}").json["plugins"]) == count


def test_a_frontend_draws_what_it_finds_and_posts_it(drawing: World) -> None:
    """The tool's id, its button's event and params pass; the plugin runs and has its result."""
    drawing.pencil(enable=True)
    (tool,) = drawing.ask("GET", "/ui/tools", by=Scope.READ).json["tools"]
    assert (tool["id"], tool["buttons"][0]["event"]) == ("ui.pencil", "ui.pencil.draw")
    answer = drawing.ask("POST", "/ui/events", by=Scope.READ, json=STROKE)
    assert (answer.status_code, answer.json["mode"]) == (200, "live")
    assert [(each["plugin"], each["outcome"]) for each in answer.json["results"]] == [("ui.pencil", "ok")]
    same = drawing.ask("POST", f"{API}/ui/events", by=Scope.READ, json=STROKE)
    assert same.json.keys() == answer.json.keys()


def test_wrong_params_are_a_422_with_their_path(drawing: World) -> None:
    """The button's own schema judges."""
    drawing.pencil(enable=True)
    answer = drawing.ask("POST", "/ui/events", json={**STROKE, "params": {"size": True}})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_params")
    assert answer.json["problems"][0]["path"] == "params.size"


def test_a_list_of_yesterday_does_no_harm(drawing: World) -> None:
    """An event for a tool that is gone says so, with the tag of the list of today."""
    drawing.pencil(enable=True)
    tag = drawing.ask("GET", "/ui/tools").headers["ETag"]
    drawing.ask("POST", f"{API}/plugins/ui.pencil/disable", json={})
    answer = drawing.ask("POST", "/ui/events", json=STROKE)
    assert (answer.status_code, answer.json["code"]) == (404, "tool_gone")
    now = drawing.ask("GET", "/ui/tools", headers={"If-None-Match": tag})
    assert now.status_code == 200
    assert now.headers["ETag"] == f'"{answer.json["tools_etag"]}"'


def test_an_embryo_takes_the_event_of_any_tool(world: World) -> None:
    """Below experimental the form is checked and journaled, and nothing is refused."""
    answer = world.ask("POST", "/ui/events", by=Scope.READ, json=STROKE)
    assert (answer.status_code, answer.json["reason"]) == (200, "unknown_tool")
    assert world.ask("GET", "/ui/tools").json == {"tools": [], "next": None}
