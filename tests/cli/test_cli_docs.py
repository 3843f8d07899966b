"""The page, the list of verbs and the files say the same."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from neira.cli.verbs import NOUNS, TOP
from tools import cli_docs

CLI = Path(__file__).resolve().parents[2] / "neira" / "cli"
ASIDE = {"__init__", "looks"}
VERBS = dict(cli_docs.commands())


def test_the_page_of_verbs_is_current() -> None:
    """`python -m tools.cli_docs` writes it."""
    assert cli_docs.PAGE.read_text(encoding="utf-8") == cli_docs.page()


@pytest.mark.parametrize("words", VERBS)
def test_every_verb_and_option_is_documented(words: str) -> None:
    """A verb has a heading, each option its name, and both say what they do."""
    page = cli_docs.PAGE.read_text(encoding="utf-8")
    assert f"### `neira {words}" in page
    assert VERBS[words].help
    for option in VERBS[words].params:
        if isinstance(option, click.Option):
            assert option.help
            assert all(f"`{name}" in page for name in option.opts)


def test_each_verb_is_a_file_of_its_noun() -> None:
    """No file without a verb, no verb without a file."""
    folders = {"top": TOP, **{noun.replace("-", "_"): verbs for noun, (_, verbs) in NOUNS.items()}}
    for folder, verbs in folders.items():
        found = {path.stem for path in (CLI / folder).glob("*.py")} - ASIDE
        assert found == {verb.replace("-", "_") for verb in verbs}
