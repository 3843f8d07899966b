"""Decisions are numbered, complete and indexed, and no dependency comes without its reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "adr"
PAGES = sorted(path.name for path in FOLDER.glob("[0-9]*.md"))
SHAPE = ("- Status: ", "- Date: ", "## Context", "## Options", "## Decision", "## Consequences")


def dependencies() -> set[str]:
    """List the distributions that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(text for extra in project["optional-dependencies"].values() for text in extra),
    ]
    return {re.split(r"[<>=!~;\[ ]", text, maxsplit=1)[0] for text in wanted}


def test_numbers_have_no_gaps() -> None:
    """Decisions count from 0001 upwards, each number once."""
    assert [int(name[:4]) for name in PAGES] == list(range(1, len(PAGES) + 1))


@pytest.mark.parametrize("name", PAGES)
def test_a_decision_has_its_parts(name: str) -> None:
    """Each page has a status, a date, and the four parts in their order, none of them empty."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert text.startswith(f"# {name[:4]}. ")
    places = [text.find(f"\n{part}") for part in SHAPE]
    assert places == sorted(places)
    assert -1 not in places
    assert not re.search(r"^## .*\n+(?:##|\Z)", text, re.MULTILINE)


def test_the_index_lists_every_decision() -> None:
    """The index has each page with its title."""
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    titles = {name: (FOLDER / name).read_text(encoding="utf-8").splitlines()[0][8:] for name in PAGES}
    assert [name for name, title in titles.items() if f"[{name[:4]}]({name}) | {title} |" not in index] == []


def test_every_dependency_has_its_reason() -> None:
    """Each dependency is named by the decision that chose it."""
    text = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in PAGES)
    assert {name for name in dependencies() if f"`{name}`" not in text} == set()
