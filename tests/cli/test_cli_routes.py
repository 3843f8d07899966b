"""Verbs that have a route, through the application in this process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    Neira = Callable[..., Result]


def answered(result: Result) -> Any:
    """Read the one document that --json prints."""
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_token_stands_alone_on_stdout(neira: Neira) -> None:
    """So that TOKEN=$(neira token create …) works; the rest goes to stderr."""
    made = neira("token", "create", "demo", "--scope", "read", "--scope", "admin", "--scope", "write")
    assert made.stdout.startswith("neira_")
    assert len(made.stdout.split()) == 1
    assert "the scope admin" in made.stderr


def test_a_token_is_listed_without_its_secret_and_revoked(neira: Neira) -> None:
    """The list has ids, and a revoked token is gone from it."""
    made = answered(neira("token", "create", "demo", "--scope", "read", "--expires", "2999-01-01", "--json"))
    listed = neira("token", "list", "--json")
    assert made["token"] not in listed.stdout
    assert answered(listed)["tokens"][0]["id"] == made["id"]
    assert neira("token", "revoke", made["id"], "--why", "test").exit_code == 0
    assert answered(neira("token", "list", "--json"))["tokens"] == []
    assert neira("token", "revoke", made["id"]).exit_code == 3


def test_a_gate_opens_by_name_and_by_phrase(neira: Neira) -> None:
    """Both roads lead to the journal, with the operator and the reason."""
    assert neira("gates", "set", "ui_tools_registry", "experimental", "--why", "first").exit_code == 0
    said = neira("gates", "say", "Выключи", "ui_tools_registry")
    assert said.exit_code == 0
    assert answered(neira("gates", "list", "ui_tools_registry", "--json"))["state"] == "embryo"
    records = answered(neira("journal", "tail", "--kind", "gate", "--json"))["records"]
    assert [record["change"]["why"] for record in records][-1] == "first"
    assert records[0]["actor"].startswith("cli:")


def test_missed_criteria_are_a_conflict_with_a_way_out(neira: Neira) -> None:
    """The refusal stands on stderr with its code and what to do; a force needs a reason."""
    refused = neira("gates", "set", "ui_tools_registry", "stable")
    assert (refused.exit_code, refused.stdout) == (5, "")
    assert "criteria_missed" in refused.stderr
    assert "--force" in refused.stderr
    assert neira("gates", "set", "ui_tools_registry", "stable", "--force").exit_code == 6
    assert neira("gates", "set", "ui_tools_registry", "stable", "--force", "--why", "x").exit_code == 0


def test_a_stale_revision_is_a_conflict(neira: Neira) -> None:
    """--if-match holds a change to what was seen."""
    stale = neira("gates", "set", "ui_tools_registry", "experimental", "--if-match", "999")
    assert stale.exit_code == 5
    assert "precondition_failed" in stale.stderr


def test_an_unknown_gate_is_not_found(neira: Neira) -> None:
    """By both verbs, with the nearest name."""
    for words in (("list", "ui_tools_registri"), ("set", "ui_tools_registri", "embryo")):
        refused = neira("gates", *words)
        assert refused.exit_code == 3
        assert "ui_tools_registry" in refused.stderr


def test_safe_mode_goes_on_and_off(neira: Neira) -> None:
    """While it is on, a change is denied; status tells the reasons."""
    assert neira("safe-mode", "on", "--why", "drill").exit_code == 0
    assert neira("token", "create", "x", "--scope", "read").exit_code == 4
    status = answered(neira("safe-mode", "status", "--json"))
    assert (status["enabled"], status["reasons"][0]["why"]) == (True, "drill")
    assert neira("safe-mode", "off").exit_code == 0
    assert answered(neira("safe-mode", "status", "--json"))["enabled"] is False


def test_an_event_in_an_embryo_ends_as_a_dry_run(neira: Neira) -> None:
    """It is journaled and answered; the same key gives the same answer."""
    words = ("event", "send", "ui.pencil", "ui.pencil.draw", "--params", '{"color": "red"}', "--chat", "c1")
    first = answered(neira(*words, "--key", "k1", "--json"))
    again = answered(neira(*words, "--key", "k1", "--json"))
    assert first["mode"] == "dry_run"
    assert first["event_id"] == again["event_id"]


@pytest.mark.parametrize("params", ["{", "[]", '{"a": NaN}', "@/nowhere/at/all"])
def test_params_that_are_no_object_are_wrong_usage(neira: Neira, params: str) -> None:
    """They are refused before anything is opened."""
    assert neira("event", "send", "ui.pencil", "draw", "--params", params).exit_code == 2


def test_a_record_is_shown_by_its_id(neira: Neira) -> None:
    """An id of the list leads to its record; an unknown one is not found."""
    (record,) = answered(neira("journal", "tail", "--json"))["records"]
    assert answered(neira("journal", "show", record["id"], "--json"))["hash"] == record["hash"]
    assert neira("journal", "show", "NEI-0").exit_code == 3


def test_an_export_is_the_journal_byte_for_byte(neira: Neira, place: Any, tmp_path: Any) -> None:
    """On stdout and in a file, which is never replaced."""
    kept = (place / "journal" / "000001.ndjson").read_bytes()
    assert neira("journal", "export").stdout_bytes == kept
    assert neira("journal", "export", "--to", str(tmp_path / "e.ndjson")).exit_code == 0
    assert (tmp_path / "e.ndjson").read_bytes() == kept
    assert neira("journal", "export", "--to", str(tmp_path / "e.ndjson")).exit_code == 5


def test_lists_of_an_embryo_are_empty_and_say_so(neira: Neira) -> None:
    """A table without rows is told on stderr; the document is there all the same."""
    for noun, key in (("plugins", "plugins"), ("tools", "tools")):
        listed = neira(noun, "list")
        assert (listed.exit_code, listed.stdout) == (0, "")
        assert answered(neira(noun, "list", "--json"))[key] == []


def test_a_plugin_that_is_not_there_is_not_found(neira: Neira) -> None:
    """The problem document goes to stdout for programs, the sentence to stderr for people."""
    refused = neira("plugins", "show", "acme.x", "--json")
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["code"] == "plugin_not_found"
    assert "acme.x" in refused.stderr


def test_a_change_of_a_plugin_behind_a_closed_gate_is_denied(neira: Neira, tmp_path: Any) -> None:
    """The gate is named, with the words that open it."""
    manifest = tmp_path / "m.yaml"
    manifest.write_text("id: acme.x\nversion: 0.1.0\nkind: script\nsource: '40 + 2'\n", encoding="utf-8")
    refused = neira("plugins", "add", str(manifest))
    assert refused.exit_code == 4
    assert "ui_tools_registry" in refused.stderr


def test_a_plugin_lives_from_registration_to_removal(neira: Neira, place: Path, tmp_path: Path) -> None:
    """Added with its file, shown, switched, rolled back, removed; a digest of pending approves it."""
    for gate in ("ui_tools_registry", "runtime_scripting_rhai"):
        neira("gates", "set", gate, "experimental", "--why", "test")
    (place / "neira.toml").write_text('[trust]\nunsigned = "approval"\n', encoding="utf-8")
    script, manifest = tmp_path / "x.rhai", tmp_path / "m.yaml"
    script.write_text("40 + 2", encoding="utf-8")
    text = (
        "id: acme.x\nversion: {}\nkind: script\nentry: plugins/scripts/x.rhai\n"
        "permissions: ['http:outbound:a.example']\n"
    )
    manifest.write_text(text.format("0.1.0"), encoding="utf-8")
    added = answered(neira("plugins", "add", str(manifest), str(script), "--why", "first", "--json"))
    assert added["state"] == "pending_approval"
    assert "http:outbound:a.example" in neira("plugins", "permissions", "acme.x").stdout
    digest = added["pending"]["digest"]
    assert neira("plugins", "approve", "acme.x", "--digest", "0" * 64).exit_code == 5
    assert neira("plugins", "approve", "acme.x", "--digest", digest).exit_code == 0
    assert answered(neira("plugins", "enable", "acme.x", "--json"))["state"] == "enabled"
    manifest.write_text(text.format("0.2.0"), encoding="utf-8")
    script.write_text("40 + 3", encoding="utf-8")
    assert neira("plugins", "add", str(manifest), str(script)).exit_code == 0
    assert neira("plugins", "rollback", "acme.x", "--to", "0.1.0", "--why", "worse").exit_code == 0
    assert neira("plugins", "revoke", "acme.x", "http:outbound:a.example").exit_code == 0
    assert neira("plugins", "remove", "acme.x", "--why", "over").exit_code == 0
    assert neira("plugins", "show", "acme.x").exit_code == 3
