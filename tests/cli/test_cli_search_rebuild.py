"""`neira search` as a noun: its verbs, and the one that may be left out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    Neira = Callable[..., Result]


@pytest.fixture
def saved(place: Path) -> Path:
    """Save two notes and a line that is none."""
    folder = place / "context" / "c1"
    folder.mkdir()
    path = folder / "s1.notes.ndjson"
    path.write_text('{"text": "to rebuild"}\n{"text": "to find"}\n{\n', encoding="utf-8")
    return path


@pytest.mark.usefixtures("saved")
def test_the_index_is_made_anew(neira: Neira, place: Path) -> None:
    """As often as one likes; what is no item is counted."""
    for _ in range(2):
        made = neira("search", "rebuild", "--json")
        assert json.loads(made.stdout) == {"files": 1, "items": 2, "skipped": 1}
    assert (place / ".neira" / "search.sqlite").exists()
    shown = neira("search", "--lang", "en", "rebuild")
    assert shown.stdout == "2 items of 1 files can be found\n"
    assert "1 lines and files could not be read" in shown.stderr


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize(
    "words",
    [("rebuild",), ("--limit", "5", "rebuild"), ("--chat", "c1", "rebuild"), ("rebuild", "--type", "note")],
)
def test_the_names_of_verbs_can_be_looked_for(neira: Neira, words: tuple[str, ...]) -> None:
    """With the verb spelled out, or behind an option of its own."""
    spelled = ("find", *words) if words[0] == "rebuild" else words
    found = json.loads(neira("search", "--json", *spelled).stdout)
    assert [item["text"] for item in found["items"]] == ["to rebuild"]


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("words", [("to",), ("--json", "to"), ("to", "--json"), ("--", "to")])
def test_the_verb_may_be_left_out(neira: Neira, words: tuple[str, ...]) -> None:
    """Wherever the shared options stand."""
    assert "to find" in neira("search", *words).stdout


def test_a_running_server_is_not_asked_for_files(neira: Neira) -> None:
    """The index lies in the home."""
    refused = neira("search", "rebuild", "--url", "http://127.0.0.1:9", env={"NEIRA_HOME": None})
    assert refused.exit_code == 6
    assert "home" in refused.stderr


def test_a_folder_that_is_no_home_has_no_index(neira: Neira, tmp_path: Path) -> None:
    """Nothing is made there."""
    (tmp_path / "empty").mkdir()
    assert neira("search", "rebuild", "--home", str(tmp_path / "empty")).exit_code != 0
    assert not list((tmp_path / "empty").iterdir())


def test_the_help_names_the_verbs(neira: Neira) -> None:
    """Without a word to look for, too."""
    for words in ((), ("--help",)):
        shown = neira("search", *words)
        assert "rebuild" in shown.output
