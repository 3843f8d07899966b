"""The control center's own files: words in both languages, text that stays text, scripts that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import neira.web

STATIC = Path(neira.web.__file__).parent / "static"
PAGE = (STATIC.parent / "templates" / "control.html").read_text("utf-8")
SCRIPTS = sorted(path.name for path in STATIC.glob("*.js"))
DANGEROUS = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", ".style")


def source(name: str) -> str:
    """Read a script."""
    return (STATIC / name).read_text("utf-8")


def words(language: str) -> set[str]:
    """List the words that the page has in a language."""
    block = re.search(rf"^  {language}: {{$(.*?)^  }},$", source("words.js"), re.MULTILINE | re.DOTALL)
    assert block
    return set(re.findall(r"(?:^|[,\s])([a-z_]+): \"", block[1]))


def test_both_languages_have_the_same_words() -> None:
    """Whoever switches finds nothing missing."""
    assert words("en") == words("ru")


def test_every_word_that_is_asked_for_is_there() -> None:
    """By the page, and by its scripts."""
    asked = set(re.findall(r'data-word="([a-z_]+)"', PAGE))
    for name in SCRIPTS:
        asked |= set(re.findall(r'\b(?:word|field)\("([a-z_]+)"', source(name)))
    assert asked <= words("en")


def test_every_script_is_on_the_page_once_and_the_last_one_starts() -> None:
    """They share names, so the one that begins to work comes when all others are known."""
    found = re.findall(r"filename='([a-z]+\.js)'", PAGE)
    assert sorted(found) == SCRIPTS
    assert found[-1] == "control.js"


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_others_wrote_is_shown_as_text(name: str) -> None:
    """No script makes markup, code or style of anything."""
    assert [word for word in DANGEROUS if word in source(name)] == []
    assert source(name).startswith('"use strict";')


def test_every_element_that_is_looked_up_is_on_the_page() -> None:
    """By its id."""
    ids = set(re.findall(r'id="([a-z-]+)"', PAGE))
    for name in SCRIPTS:
        assert set(re.findall(r'\b(?:at|fill)\("([a-z-]+)"', source(name))) <= ids
