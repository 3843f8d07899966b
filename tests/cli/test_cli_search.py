"""`neira search`: from the line that is typed to the files of a home."""

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
    """Save a few items in a home."""
    folder = place / "context" / "c1"
    folder.mkdir()
    (folder / "s1.annotations.ndjson").write_text(
        '{"plugin": "ui.pencil", "text": "Первая заметка"}\n', encoding="utf-8"
    )
    lines = [json.dumps({"plugin": "acme.x", "text": f"note {n} \x1b[31m"}) for n in range(5)]
    (folder / "s1.messages.ndjson").write_text("\n".join([*lines, "{"]), encoding="utf-8")
    (place / "context" / "c2").mkdir()
    (place / "context" / "c2" / "s2.messages.ndjson").write_text('{"points": ["note", 1]}', encoding="utf-8")
    return place


@pytest.mark.usefixtures("saved")
def test_items_are_found_by_their_text(neira: Neira) -> None:
    """A row says where an item stands; foreign text cannot colour a terminal."""
    shown = neira("search", "ПЕРВАЯ")
    assert shown.exit_code == 0
    row = ["c1", "s1", "annotation", "ui.pencil", "Первая", "заметка"]
    assert shown.stdout.splitlines()[1].split() == row
    rows = neira("search", "Note").stdout
    assert "\x1b" not in rows
    assert '{"points":["note",1]}' in rows
    assert len(neira("search", "note", "--chat", "c2", "--type", "message").stdout.splitlines()) == 2
    assert neira("search", "nowhere").stdout == ""


@pytest.mark.usefixtures("saved")
def test_a_search_goes_on_where_it_ended(neira: Neira) -> None:
    """The limit holds for the whole answer; programs get items, next and skipped."""
    first = json.loads(neira("search", "note", "--limit", "4", "--json").stdout)
    assert len(first["items"]) == 4
    rest = json.loads(neira("search", "note", "--cursor", first["next"], "--json").stdout)
    assert (len(rest["items"]), rest["next"], rest["skipped"]) == (2, None, 1)
    assert first["next"] in neira("search", "note", "--limit", "4").stderr


@pytest.mark.usefixtures("saved")
def test_short_pages_are_asked_for_until_there_is_enough(
    neira: Neira, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that are empty do not end a search."""
    monkeypatch.setattr("neira.storage.context_search.MOST_READ", 4 * 4096)
    found = json.loads(neira("search", "note", "--json").stdout)
    assert (len(found["items"]), found["next"]) == (6, None)


@pytest.mark.parametrize("words", [(), ("x", "--type", "memo"), ("x", "--chat", ".."), ("x", "--limit", "0")])
def test_a_search_that_cannot_be_is_wrong_usage(neira: Neira, words: tuple[str, ...]) -> None:
    """It is refused before anything is opened."""
    assert neira("search", *words).exit_code == 2
