"""Every route through every door: who may call it, and how it refuses what is not for it."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from neira.model import Scope
from tests.web.face.web_worlds import API, OWNER, World, make_world

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

DOCS = Path(__file__).resolve().parents[3] / "docs" / "api.md"
ROW = re.compile(r"^\| (GET|POST|PUT|DELETE) \| `([^`]+)` \| (\w+) \|", re.MULTILINE)
SAMPLES = {
    "{plugin_id}": "ui.pencil",
    "{name}": "marketplace",
    "{token_id}": "00000000",
    "{chat_id}": "c1",
    "{session_id}": "s1",
}
MEMBERS = {"type", "title", "status", "detail", "code", "fault", "retryable", "request_id", "hint"}


@cache
def documented() -> dict[tuple[str, str], str]:
    """Read the routes and their scopes out of the docs."""
    return {(method, path): scope for method, path, scope in ROW.findall(DOCS.read_text(encoding="utf-8"))}


ROUTES = sorted(documented())
GUARDED = [route for route in ROUTES if documented()[route] != "none"]
WITH_BODY = [route for route in ROUTES if route[0] in {"POST", "PUT"}]


def filled(path: str) -> str:
    """Put samples into a path."""
    for name, sample in SAMPLES.items():
        path = path.replace(name, sample)
    return path


def refusal(answer: TestResponse) -> dict[str, Any]:
    """Check the shape that every refusal has, and return it."""
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.get_json()
    assert body.keys() >= MEMBERS
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body["retryable"] is ("Retry-After" in answer.headers)
    assert body["detail"]
    assert body["hint"]
    return body


def test_code_document_and_docs_name_the_same_routes(refusing: World) -> None:
    """A route that is missing anywhere, or stands there with another scope, fails."""
    paths = refusing.ask("GET", "/openapi.json", by=None).json["paths"]
    found = {
        (method.upper(), path): operation["x-required-scope"]
        for path, item in paths.items()
        for method, operation in item.items()
        if method != "parameters"
    }
    assert found == documented()


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_route_asks_for_a_token_then_for_its_scope(refusing: World, method: str, path: str) -> None:
    """401 without a living token, 403 below the scope, neither above it, before anything else is said."""
    expired = refusing.token(Scope.ADMIN, expires=refusing.clock.now() + timedelta(seconds=1))
    refusing.clock.step(2)
    ladder = [Scope.READ, Scope.WRITE, Scope.ADMIN]
    needed = ladder.index(Scope(documented()[method, path]))
    for nobody in (None, expired):
        answer = refusing.ask(method, filled(path), by=nobody)
        assert refusal(answer)["code"] == "unauthenticated"
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    for place, scope in enumerate(ladder):
        if path.endswith("/stream") and place >= needed:
            continue  # it would go on for ever; test_web_stream listens to one
        answer = refusing.ask(method, filled(path), by=scope)
        missing = answer.status_code == 403 and answer.json["code"] == "scope_missing"
        assert missing == (place < needed)
        assert answer.status_code != 401


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@pytest.mark.parametrize("body", [b"null", b"1", b'""', b"[]", b"", b"{", b'{"a":NaN}', b'{"a":1,"a":2}'])
def test_a_body_that_is_no_object_is_refused(refusing: World, method: str, path: str, body: bytes) -> None:
    """Whatever is not one JSON object is a 400 on every route that takes a body."""
    answer = refusing.ask(method, filled(path), data=body, content_type="application/json")
    assert answer.status_code == 400
    assert refusal(answer)["code"] in {"invalid_input", "bad_json"}


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/evil+json"},
        {"Content-Type": "application/json; charset=utf-8; charset=utf-7"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json, text/plain"},
        {},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/json", "Content-Encoding": "identity"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
def test_a_body_of_another_type_is_refused(
    refusing: World, method: str, path: str, headers: dict[str, str]
) -> None:
    """Only the exact content type is read; a declared encoding is refused, never ignored."""
    answer = refusing.ask(method, filled(path), headers=headers, data=b"{}")
    assert answer.status_code == 415
    assert refusal(answer)["code"] == "unsupported_media"


@pytest.mark.parametrize("method_and_path", [route for route in WITH_BODY if route[1] != f"{API}/plugins"])
def test_a_form_is_no_body_of_other_routes(refusing: World, method_and_path: tuple[str, str]) -> None:
    """Forms are for uploads alone."""
    method, path = method_and_path
    answer = refusing.ask(method, filled(path), data={"why": "x"}, content_type="multipart/form-data")
    assert answer.status_code == 415


@pytest.mark.parametrize(("method", "path"), WITH_BODY)
def test_an_unknown_key_is_refused_with_its_name(refusing: World, method: str, path: str) -> None:
    """Nothing that is sent is silently left out."""
    answer = refusing.ask(method, filled(path), json={"whyy": "x"})
    assert answer.status_code == 400
    assert "whyy" in [problem["path"] for problem in refusal(answer)["problems"]]


def test_a_near_key_is_suggested(refusing: World) -> None:
    """A slip of the finger is answered with what was meant."""
    answer = refusing.ask("PUT", f"{API}/safe-mode", json={"enabeld": True})
    suggested = {problem["path"]: problem["suggestion"] for problem in refusal(answer)["problems"]}
    assert suggested == {"enabeld": "enabled", "enabled": None}


@pytest.mark.parametrize("value", [1, 0, "true", None, [], {}])
def test_only_true_and_false_are_true_and_false(refusing: World, value: object) -> None:
    """Python takes 1 for true; the door does not."""
    answer = refusing.ask("PUT", f"{API}/safe-mode", json={"enabled": value})
    assert [problem["path"] for problem in refusal(answer)["problems"]] == ["enabled"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"tool_id":"ui.pencil","event":"a"}{}',
        b'{"tool_id":"ui.pencil","event":"a"}\x00',
        b"\xef\xbb\xbf{}",
        '{"tool_id":"ui.pencil"}'.encode("utf-16-le"),
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":"\\ud800"}',
    ],
)
def test_hostile_json_is_a_400(refusing: World, body: bytes) -> None:
    """What follows, wide encodings, deep nesting and lone surrogates end at the door."""
    answer = refusing.ask("POST", "/ui/events", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert refusal(answer)["code"] == "bad_json"


def test_a_body_past_the_limit_is_a_413(refusing: World) -> None:
    """Padding counts too."""
    answer = refusing.ask(
        "POST", "/ui/events", data=b" " * (1024 * 1024) + b"{}", content_type="application/json"
    )
    assert answer.status_code == 413
    assert answer.json["code"] == "body_too_large"


@pytest.mark.parametrize(
    "header",
    ["Basic eDp5", "Bearer", "Bearer ", "bearer {}", "Bearer {} ", "Bearer {},", "Bearer {},Bearer {}",
     "Bearer \xff\xfe", "Bearer " + "x" * 8192, "Bearer {}\t", " Bearer {}"],
)  # fmt: skip
def test_every_wrong_form_of_a_token_gets_the_same_answer(refusing: World, header: str) -> None:
    """The body tells nothing of the cause."""
    token = refusing.token(Scope.READ)
    answer = refusing.ask(
        "GET", f"{API}/session", by=None, headers={"Authorization": header.replace("{}", token)}
    )
    body = refusal(answer)
    body.pop("request_id")
    plain = refusal(refusing.ask("GET", f"{API}/session", by=None))
    plain.pop("request_id")
    assert (answer.status_code, body) == (401, plain)


def test_a_token_in_the_query_is_not_looked_at(refusing: World) -> None:
    """Queries stand in logs."""
    answer = refusing.ask("GET", f"{API}/session?token={refusing.token(Scope.READ)}", by=None)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "plugin",
    ["%2e%2e", "..%2f..%2fcanary", "a%00b", "ui.pencil%0a", "a%0d%0aX:1", "%2561", "a;x=1", ".hidden", "a.",
     "a" * 65, "ui.penc%D1%96l", "UI.Pencil", "%ff"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "rest"), [("GET", ""), ("DELETE", ""), ("POST", "/enable"), ("GET", "/config")]
)
def test_what_is_no_id_is_no_plugin(refusing: World, method: str, rest: str, plugin: str) -> None:
    """An id is checked before anything is looked up with it."""
    body: dict[str, Any] = {"json": {}} if method == "POST" else {}
    answer = refusing.ask(method, f"{API}/plugins/{plugin}{rest}", **body)
    assert (answer.status_code, refusal(answer)["code"]) in {
        (400, "bad_id"), (404, "no_such_route"), (405, "method_not_allowed"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "chat", ["%2e%2e", "..%2fx", "a%5cb", "CON", "a%00", "x.annotations.ndjson", "e%CC%81"]
)
def test_what_is_no_chat_id_opens_no_file(refusing: World, chat: str) -> None:
    """Folders are named by ids alone."""
    answer = refusing.ask("GET", f"{API}/context/{chat}/s1")
    assert (answer.status_code, refusal(answer)["code"]) in {
        (400, "bad_id"), (404, "no_such_route"), (405, "method_not_allowed"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "no_such_route"),
        ("GET", f"{API}/", 404, "no_such_route"),
        ("GET", f"{API}//plugins", 404, "no_such_route"),
        ("GET", f"{API}/plugins/", 404, "no_such_route"),
        ("PATCH", f"{API}/plugins", 405, "method_not_allowed"),
        ("TRACE", "/ui/events", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("GET", "/static/../app.py", 404, "no_such_route"),
    ],
)
def test_a_wrong_door_answers_as_every_other(
    refusing: World, method: str, path: str, status: int, code: str
) -> None:
    """What Flask refuses by itself has the same shape."""
    answer = refusing.ask(method, path)
    assert (answer.status_code, refusal(answer)["code"]) == (status, code)
    assert ("Allow" in answer.headers) == (status == 405)


def test_a_mistake_of_ours_is_a_503_and_stands_in_the_log(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The client learns the request's name and nothing else; never a 500."""
    world = make_world(tmp_path / "home")

    def broken() -> str:
        raise RecursionError("the secret of the house")

    world.app.add_url_rule("/broken", view_func=broken)
    answer = world.ask("GET", "/broken")
    body = refusal(answer)
    assert (answer.status_code, body["code"], body["fault"]) == (503, "internal_fault", "internal")
    assert "secret of the house" not in answer.text
    logged = capsys.readouterr().err
    assert "secret of the house" in logged
    assert body["request_id"] in logged
    world.app.close()
    world.kernel.close()


def test_rates_are_counted_for_each_token(world: World) -> None:
    """A token past its rate is told when to come back; another one is not its concern."""
    burst = world.kernel.settings.rate.changes_burst
    first, second = world.token(Scope.ADMIN), world.token(Scope.ADMIN)
    answers = [world.ask("PUT", f"{API}/safe-mode", by=first, json={}) for _ in range(burst + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {400}
    assert refusal(answers[-1])["code"] == "rate_limited"
    assert world.ask("PUT", f"{API}/safe-mode", by=second, json={}).status_code == 400


def test_the_command_line_speaks_as_itself(refusing: World) -> None:
    """Code of this process names its caller; no header can."""
    client = refusing.app.test_client()
    known = client.get(f"{API}/session", environ_overrides={"neira.caller": OWNER})
    assert known.get_json()["actor"] == OWNER.actor
    faked = client.get(f"{API}/session", headers={"neira.caller": "x", "Neira-Caller": "x"})
    assert faked.status_code == 401
