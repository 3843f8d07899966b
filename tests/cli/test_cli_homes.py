"""Verbs that work on a home itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    Neira = Callable[..., Result]


def test_init_makes_a_home_and_says_what_comes_next(neira: Neira, tmp_path: Path) -> None:
    """A new folder becomes a home; a second time changes nothing."""
    fresh = tmp_path / "fresh"
    first = neira("init", str(fresh))
    assert first.exit_code == 0
    assert "token create" in first.stderr
    before = (fresh / "journal" / "000001.ndjson").read_bytes()
    assert neira("init", str(fresh)).exit_code == 0
    assert (fresh / "journal" / "000001.ndjson").read_bytes() == before


def test_init_may_open_the_first_stage(neira: Neira, tmp_path: Path) -> None:
    """Stage 1 opens the three gates of its first script."""
    neira("init", str(tmp_path / "one"), "--stage", "1")
    listed = json.loads(neira("--home", str(tmp_path / "one"), "gates", "list", "--json").stdout)
    states = {gate["name"]: gate["state"] for gate in listed["capabilities"]}
    assert states["runtime_scripting_rhai"] == "experimental"
    assert states["runtime_wasm_plugins"] == "locked"


def test_settings_tell_value_source_and_meaning(neira: Neira) -> None:
    """A variable shows as the source of its setting."""
    shown = json.loads(neira("settings", "--json", env={"NEIRA_SERVER_PORT": "9"}).stdout)["settings"]
    (port,) = (each for each in shown if each["setting"] == "server.port")
    assert (port["value"], port["source"]) == (9, "NEIRA_SERVER_PORT")


def test_an_unknown_setting_is_refused_with_the_nearest(neira: Neira) -> None:
    """A misspelt variable stops every verb, naming what was meant."""
    refused = neira("settings", env={"NEIRA_SERVER_PROT": "9"})
    assert refused.exit_code == 6
    assert "NEIRA_SERVER_PORT" in refused.stderr


def test_a_sound_home_passes_the_doctor(neira: Neira) -> None:
    """Nothing fails in a new home, and the document says so."""
    examined = neira("doctor", "--json")
    found = json.loads(examined.stdout)
    assert examined.exit_code == 0, examined.stdout
    assert {"journal", "keys", "gates", "disk", "clock"} <= {each["name"] for each in found["findings"]}


def test_the_doctor_fails_with_code_1(neira: Neira, place: Path) -> None:
    """A damaged journal is found, named and makes the exit code."""
    segment = place / "journal" / "000001.ndjson"
    segment.write_bytes(segment.read_bytes().replace(b"was created", b"was creates"))
    examined = neira("doctor")
    assert examined.exit_code == 1
    assert "bit_flip" in examined.stdout


def test_a_clean_journal_verifies_and_a_damaged_one_is_code_1(neira: Neira, place: Path) -> None:
    """`journal verify` names the damage; --json has it as a document."""
    assert neira("journal", "verify").exit_code == 0
    segment = place / "journal" / "000001.ndjson"
    segment.write_bytes(segment.read_bytes().replace(b"was created", b"was creates"))
    verified = neira("journal", "verify", "--json")
    assert verified.exit_code == 1
    assert json.loads(verified.stdout)["damage"]["kind"] == "bit_flip"


def test_what_is_no_home_is_not_found(neira: Neira, tmp_path: Path) -> None:
    """Every verb says how to make a home, and changes nothing."""
    (tmp_path / "empty").mkdir()
    for words in (("gates", "list"), ("journal", "verify"), ("serve",), ("migrate",)):
        refused = neira(*words, "--home", str(tmp_path / "empty"))
        assert refused.exit_code == 3
        assert "neira init" in refused.stderr
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_backup_comes_back(neira: Neira, tmp_path: Path) -> None:
    """What is restored passes the doctor and holds the same records."""
    neira("gates", "set", "ui_tools_registry", "experimental", "--why", "test")
    assert neira("backup", str(tmp_path / "b.tgz")).exit_code == 0
    assert neira("backup", str(tmp_path / "b.tgz")).exit_code == 5
    assert neira("restore", str(tmp_path / "b.tgz"), str(tmp_path / "back")).exit_code == 0
    back = ("--home", str(tmp_path / "back"))
    assert neira(*back, "doctor").exit_code == 0
    assert "ui_tools_registry: embryo → experimental" in neira(*back, "journal", "tail").stdout
    assert neira("restore", str(tmp_path / "b.tgz"), str(tmp_path / "back")).exit_code == 5


def test_a_registry_edited_by_hand_is_rebuilt(neira: Neira, place: Path) -> None:
    """The doctor names the file, the rebuild mends it."""
    (place / "plugins" / "index.json").write_text("{}", encoding="utf-8")
    assert neira("doctor").exit_code == 1
    rebuilt = neira("registry", "rebuild", "--json")
    assert json.loads(rebuilt.stdout)["faults"]
    assert neira("doctor").exit_code == 0


def test_pages_for_people_are_written_anew(neira: Neira, place: Path) -> None:
    """Both render verbs write their page."""
    for words, page in (
        (("gates", "render"), "capabilities/CAPABILITIES.md"),
        (("journal", "render"), "journal/JOURNALING.md"),
    ):
        (place / page).unlink(missing_ok=True)
        assert neira(*words).exit_code == 0
        assert (place / page).stat().st_size > 0


def test_forgetting_asks_first(neira: Neira) -> None:
    """Without a yes nothing is forgotten; without a target it is wrong usage."""
    assert neira("forget").exit_code == 2
    assert neira("forget", "--chat", "c1", input="n\n").exit_code == 130
    assert neira("forget", "--chat", "c1", "--yes").exit_code == 0


def test_a_home_of_today_needs_no_migration(neira: Neira) -> None:
    """The verb says so and writes nothing."""
    migrated = json.loads(neira("migrate", "--json").stdout)
    assert migrated["changed"] is False


@pytest.mark.parametrize(
    "words", [("doctor",), ("backup", "x"), ("registry", "rebuild"), ("serve",), ("migrate",)]
)
def test_verbs_of_a_home_refuse_a_server(neira: Neira, words: tuple[str, ...]) -> None:
    """They never work on the current folder behind the back of --url."""
    refused = neira(*words, "--url", "http://127.0.0.1:1")
    assert refused.exit_code == 6
    assert "home_only" in refused.stderr


def test_an_archived_journal_still_says_what_is_true(neira: Neira, place: Path) -> None:
    """Old segments move away; gates, doctor and rebuild stand on the snapshot."""
    neira("gates", "set", "ui_tools_registry", "experimental", "--why", "test")
    moved = json.loads(neira("journal", "archive", "--why", "yearly", "--json").stdout)
    assert moved["segments"] == [1]
    assert (place / "journal" / "archive" / "000001.ndjson").exists()
    assert neira("doctor").exit_code == 0
    assert neira("registry", "rebuild").exit_code == 0
    shown = json.loads(neira("gates", "list", "ui_tools_registry", "--json").stdout)
    assert shown["state"] == "experimental"
