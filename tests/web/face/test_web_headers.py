"""What every answer says besides its body: its name, what browsers may do with it, who may read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from neira.model import Scope
from neira.settings import LogSettings, ServerSettings, Settings
from tests.web.face.web_worlds import API, World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRIEND = "https://app.example.org"
PREFLIGHT = {"Origin": FRIEND, "Access-Control-Request-Method": "POST"}


@pytest.fixture
def friendly(tmp_path: Path) -> Iterator[World]:
    """Open a home whose settings let one origin in."""
    server = ServerSettings(cors_origins=(FRIEND, "null", "*"))
    made = make_world(tmp_path / "home", Settings(server=server, log=LogSettings(level="error")))
    yield made
    made.app.close()
    made.kernel.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"), ("GET", "/api/docs"), ("GET", "/openapi.json"), ("GET", "/healthz"),
        ("GET", "/nowhere"), ("GET", f"{API}/session"), ("POST", "/healthz"), ("OPTIONS", f"{API}/plugins"),
        ("HEAD", f"{API}/plugins"), ("GET", "/static/neira.css"), ("GET", f"{API}/plugins/x"),
    ],
)  # fmt: skip
def test_every_answer_is_named_and_locked_down(refusing: World, method: str, path: str) -> None:
    """Pages may use their own files; everything else may use nothing; nobody frames anything."""
    headers = refusing.ask(method, path).headers
    policy = headers["Content-Security-Policy"]
    assert len(headers["X-Request-Id"]) == 32
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == ("no-cache" if path.startswith("/static/") else "no-store")
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/", "/api/docs"])
def test_pages_hold_no_script_or_style_and_fetch_nothing_from_elsewhere(refusing: World, path: str) -> None:
    """All of it lies under /static."""
    page = refusing.ask("GET", path, by=None).text
    assert "<style" not in page
    assert " style=" not in page
    assert " on" not in page.replace(" one", "").replace(" on ", "").split("<body")[0]
    assert page.count("<script") == page.count('<script src="/static/')
    assert "http://" not in page
    assert "https://" not in page


def test_the_api_page_shows_every_route(refusing: World) -> None:
    """Grouped by noun, with a line to try."""
    page = refusing.ask("GET", "/api/docs", by=None).text
    for path in refusing.ask("GET", "/openapi.json", by=None).json["paths"]:
        assert f"<h3>{path}</h3>" in page
        assert f"$URL{path}" in page


def test_head_is_get_without_its_body(refusing: World) -> None:
    """With the same headers."""
    got, head = (refusing.ask(method, f"{API}/capabilities") for method in ("GET", "HEAD"))
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_options_tells_the_methods_to_everybody(refusing: World) -> None:
    """Browsers ask without a token."""
    answer = refusing.ask("OPTIONS", f"{API}/plugins", by=None)
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_without_settings_no_origin_is_let_in(refusing: World) -> None:
    """Neither for a preflight nor for the call itself."""
    for method in ("OPTIONS", "POST"):
        headers = refusing.ask(method, "/ui/events", headers=PREFLIGHT).headers
        assert not [name for name in headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118 - pairs


def test_a_named_origin_is_let_in(friendly: World) -> None:
    """Its preflight learns what it may send, its calls what they may read."""
    asked = friendly.ask("OPTIONS", "/ui/events", by=None, headers=PREFLIGHT).headers
    assert asked["Access-Control-Allow-Origin"] == FRIEND
    assert "POST" in asked["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in asked["Access-Control-Allow-Headers"]
    called = friendly.ask("GET", "/ui/tools", headers={"Origin": FRIEND}).headers
    assert called["Access-Control-Allow-Origin"] == FRIEND
    assert "ETag" in called["Access-Control-Expose-Headers"]
    assert "Origin" in called["Vary"]
    assert "Access-Control-Allow-Credentials" not in called


@pytest.mark.parametrize(
    "origin", ["null", "*", "https://app.example.org.evil", "http://app.example.org", ""]
)
def test_no_other_origin_is_let_in(friendly: World, origin: str) -> None:
    """Not even `null`, whatever the settings say."""
    answer = friendly.ask("OPTIONS", "/ui/events", by=None, headers={**PREFLIGHT, "Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


def test_the_request_id_is_the_same_everywhere(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In the answer, in the log and in the journal."""
    world = make_world(tmp_path / "home", Settings(log=LogSettings(level="info")))
    answer = world.ask("POST", "/ui/events", json={"tool_id": "a.b", "event": "a.b.c"})
    name = answer.headers["X-Request-Id"]
    assert answer.json["request_id"] == name
    records = world.ask("GET", f"{API}/journal?kind=event").json["records"]
    assert [record["data"]["request"] for record in records] == [name]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["route"] for line in lines if line["request_id"] == name] == ["/ui/events"]
    world.app.close()
    world.kernel.close()


def test_a_path_cannot_write_into_the_log(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Control characters are shown, not obeyed, in both formats."""
    for style in ("json", "console"):
        world = make_world(tmp_path / style, Settings(log=LogSettings(level="info", format=style)))
        world.ask("GET", '/x%0d%0a{"level":"admin"}%1b[31m', by=None)
        world.app.close()
        world.kernel.close()
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 2
    assert "\x1b" not in said


def test_only_a_reader_learns_the_reasons(world: World) -> None:
    """Whether the system serves is for everybody; why not is for those who may read."""
    world.ask("PUT", f"{API}/safe-mode", json={"enabled": True, "why": "the disk smells"})
    public = world.ask("GET", "/readyz", by=None)
    assert (public.status_code, public.json) == (200, {"status": "safe_mode"})
    assert world.ask("GET", "/readyz", by="nonsense").json == {"status": "safe_mode"}
    assert world.ask("GET", "/readyz", by=Scope.READ).json["reasons"] == ["admin: the disk smells"]


def test_metrics_count_routes_not_paths(world: World) -> None:
    """No path of a client becomes a label."""
    world.ask("GET", f"{API}/plugins/secret.plugin")
    world.ask("GET", "/secret-path")
    world.ask("POST", "/ui/events", json={"tool_id": "a.b", "event": "a.b.c"})
    told = world.ask("GET", "/metrics", by=Scope.READ)
    assert told.content_type.startswith("text/plain")
    assert "secret" not in told.text
    assert 'neira_events_total{mode="dry_run"} 1.0' in told.text
    assert 'neira_refusals_total{code="plugin_not_found"} 1.0' in told.text
    assert 'route="/api/neira/plugins/<plugin_id>",status="404"' in told.text
