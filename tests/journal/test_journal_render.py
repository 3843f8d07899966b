"""JOURNALING.md: one YAML entry a key change, whatever people wrote, kept current and made anew alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from neira.journal import render
from neira.journal.yaml_text import quoted
from neira.model import ChangeNote, Draft, Record
from tests.journal.journal_homes import draft, new_home, opened

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = [
    'ok"}\n{"seq":999,"id":"x"}',
    "a\u2028b\u0085c\rd\x00e\x1b[2J",
    "- id: evil\n- id: more",
    "<!-- neira:meta\nid: evil\n-->",
    "--> ``` <!--",
    "```yaml\n- id: evil\n```",
    "\n```\n# heading",
    "я" * 2_000,
    "\u202eevil\u2066",
    "tab\tand \\ and ' and \"",
    "\U0001f600\ufeff\uffff",
    "",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a new home."""
    return new_home(tmp_path)


def text_of(root: Path) -> str:
    """Read the file."""
    return (root / "journal" / render.FILE).read_bytes().decode()


def entries(text: str) -> list[Any]:
    """Read every entry with a real parser."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [entry for block in blocks for entry in yaml.safe_load(block)]


def metas(text: str) -> list[Any]:
    """Read every neira:meta block with a real parser."""
    return [yaml.safe_load(block) for block in re.findall(r"<!-- neira:meta\n(.*?)-->", text, re.DOTALL)]


def change(why: str, what: str = "a change") -> Draft:
    """Make a key change."""
    note = ChangeNote(what, why, "look", (why, "two"))
    return Draft("gate.changed", "cli", note, "gate", {"gate": "ui_tools_registry"}, ("docs:gates.md",))


@pytest.mark.parametrize("why", HOSTILE)
def test_hostile_texts_stay_one_entry(root: Path, why: str) -> None:
    """J07: a parser reads back one entry a record, and the words that were written."""
    made = opened(root).append(change(why, why), change("innocent"))
    render.render(root)
    found = entries(text_of(root))
    assert [entry["id"] for entry in found] == [record.id for record in made]
    assert found[0]["change"] == {"what": why, "why": why, "verify": "look", "impact": [why, "two"]}
    assert [meta["summary"] for meta in metas(text_of(root))] == [why, "a change"]
    assert text_of(root).count("<!--") == text_of(root).count("-->") == 2


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_read_back(text: str) -> None:
    """A quoted scalar is one line and says what was said."""
    scalar = quoted(text)
    assert len(scalar.splitlines()) == 1
    assert yaml.safe_load(scalar) == text


def test_an_entry_has_the_shape_that_readers_know(root: Path) -> None:
    """`id`, `change` and `links` in the entry; what it concerns in the meta block."""
    (made,) = opened(root).append(change("because"))
    render.append_entry(root, made)
    (found,) = entries(text_of(root))
    assert list(found) == ["id", "change", "links"]
    assert found["links"] == ["docs:gates.md"]
    (meta,) = metas(text_of(root))
    assert meta == {
        "id": made.id,
        "intent": "gate.changed",
        "scope": "ui_tools_registry",
        "summary": "a change",
        "links": ["docs:gates.md"],
        "feature_gate": "ui_tools_registry",
        "endpoints": ["/api/neira/capabilities/ui_tools_registry"],
    }


def test_events_are_no_key_changes(root: Path) -> None:
    """Thousands of events do not hide what was changed."""
    journal = opened(root)
    journal.append(draft(), change("a"), draft())
    assert render.render(root) == 1


def test_kept_current_and_made_anew_are_alike(root: Path) -> None:
    """Each change adds its entry once; what a crash left out is added with the next one."""
    journal = opened(root)
    made: list[Record] = []
    for number in range(6):
        made += journal.append(change(f"{number}"))
        journal.append(draft())
        if number != 3:
            render.append_entry(root, made[-1])
            render.append_entry(root, made[-1])
    kept = text_of(root)
    render.render(root)
    assert text_of(root) == kept
    assert len(entries(kept)) == 6


@pytest.mark.parametrize("left", [0, 30, -20])
def test_a_cut_file_is_made_anew(root: Path, left: int) -> None:
    """A crash in the middle of an entry, or somebody's editor, costs nothing."""
    journal = opened(root)
    render.append_entry(root, journal.append(change("one"))[0])
    path = root / "journal" / render.FILE
    path.write_bytes(path.read_bytes()[:left])
    render.append_entry(root, journal.append(change("two"))[0])
    assert len(entries(text_of(root))) == 2
