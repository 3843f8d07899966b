"""Gates, safe mode, tokens, the journal, saved items and the session over HTTP."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from neira.model import Scope
from tests.web.face.web_worlds import API, World


def test_a_gate_moves_and_says_how_to_go_back(world: World) -> None:
    """PUT answers the new state; the list shows it at once."""
    path = f"{API}/capabilities/ui_tools_registry"
    moved = world.ask("PUT", path, json={"state": "experimental", "why": "to begin"})
    assert (moved.status_code, moved.json["state"], moved.json["how_to_go_back"]["to"]) == (
        200, "experimental", "embryo",
    )  # fmt: skip
    assert world.ask("GET", path).json["why"] == "to begin"
    same = world.ask("PUT", path, json={"state": "experimental", "why": "again"})
    assert (same.status_code, same.json["journal_id"]) == (200, None)


@pytest.mark.parametrize("name", ["uitoolsregistry", "..", "%00", "ui_tools_registri"])
def test_an_unknown_gate_is_a_404(refusing: World, name: str) -> None:
    """Seen or moved."""
    path = f"{API}/capabilities/{name}"
    for answer in (refusing.ask("GET", path), refusing.ask("PUT", path, json={"state": "locked"})):
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_gate")


def test_words_move_gates_in_both_languages(world: World) -> None:
    """A question changes nothing, an order does, a slip is answered with what was meant."""
    said = f"{API}/capabilities/phrases"
    asked = world.ask("POST", said, json={"phrase": "Покажи статус способностей"})
    assert len(asked.json["capabilities"]) == 8
    assert (
        world.ask("POST", said, json={"phrase": "Разблокируй ui_tools_registry"}).json["state"]
        == "experimental"
    )
    assert world.ask("POST", said, json={"phrase": "lock ui_tools_registry"}).json["state"] == "locked"
    slip = world.ask("POST", said, json={"phrase": "unlok ui_tools_registry"})
    assert (slip.status_code, slip.json["code"]) == (422, "unknown_phrase")
    assert slip.json["suggestions"][0].startswith("unlock ")


def test_safe_mode_refuses_changes_until_it_is_left(world: World) -> None:
    """Every refused change says why and how to leave."""
    entered = world.ask("PUT", f"{API}/safe-mode", json={"enabled": True, "why": "odd"})
    assert (entered.status_code, entered.json["enabled"]) == (200, True)
    refused = world.ask("POST", f"{API}/tokens", json={"name": "x", "scope": "read"})
    assert (refused.status_code, refused.json["code"]) == (403, "safe_mode")
    left = world.ask("PUT", f"{API}/safe-mode", json={"enabled": False, "why": "seen"})
    assert (left.status_code, left.json["enabled"]) == (200, False)
    assert world.ask("GET", f"{API}/safe-mode", by=Scope.READ).json["enabled"] is False


def test_a_token_works_until_it_is_revoked(world: World) -> None:
    """Its secret stands in one answer and nowhere else."""
    asked = {"name": "ci", "scope": "write", "namespace": "acme", "expires": "2030-01-01T00:00:00Z"}
    made = world.ask("POST", f"{API}/tokens", json=asked).json
    session = world.ask("GET", f"{API}/session", by=made["token"]).json
    assert (session["scope"], session["namespace"], session["safe_mode"]) == ("write", "acme", False)
    assert made["token"] not in world.ask("GET", f"{API}/tokens").text
    assert made["token"] not in world.ask("GET", f"{API}/journal/export").text
    world.ask("DELETE", f"{API}/tokens/{made['id']}?why=done")
    assert world.ask("GET", f"{API}/session", by=made["token"]).status_code == 401
    assert world.ask("DELETE", f"{API}/tokens/{made['id']}").json["code"] == "token_not_found"


@pytest.mark.parametrize(
    "expires", ["2030-01-01", "tomorrow", "2030-01-01T00:00:00", 5, "٢٠٣٠-01-01T00:00:00Z"]
)
def test_a_time_has_its_zone(refusing: World, expires: object) -> None:
    """Otherwise nobody knows when it is."""
    answer = refusing.ask("POST", f"{API}/tokens", json={"name": "x", "scope": "read", "expires": expires})
    assert (answer.status_code, answer.json["problems"][0]["path"]) == (400, "expires")


def test_the_journal_is_found_verified_and_exported(world: World) -> None:
    """Filters and pages; the export is the chain, byte for byte."""
    world.open_gates()
    moved = world.ask("GET", f"{API}/journal?kind=gate&limit=2").json
    assert [record["kind"] for record in moved["records"]] == ["gate.changed"] * 2
    rest = world.ask("GET", f"{API}/journal?kind=gate&limit=2&cursor={moved['next']}").json
    assert len(rest["records"]) == 1
    later = (world.clock.now() + timedelta(days=1)).isoformat().replace("+", "%2B")
    assert world.ask("GET", f"{API}/journal?from={later}").json["records"] == []
    assert world.ask("GET", f"{API}/journal/verify").json["clean"] is True
    lines = world.ask("GET", f"{API}/journal/export").data.splitlines()
    first = lines[0]
    body, _, tail = first.rpartition(b',"hash":"')
    assert hashlib.sha256(body).hexdigest().encode() == tail[:64]


def test_the_schema_of_manifests_is_served(refusing: World) -> None:
    """It is an object's schema with an id."""
    schema = refusing.ask("GET", f"{API}/schemas/manifest", by=Scope.READ).json
    assert "id" in schema["properties"]
