"""The pages on actions, host functions and scripts say what the code says, and their scripts work."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from neira.changes.register import Register
from neira.errors.code import BadCode
from neira.host.catalogue import ACTIONS, Catalogue
from neira.hub.lifecycle import HOOKS
from neira.limits import most
from neira.model import Budget, Kind, Outcome
from neira.parse import document
from neira.settings import ScriptSettings
from tests.conftest import ADMIN
from tools import host_docs
from tools.host_docs import DOCS

if TYPE_CHECKING:
    from neira.kernel import Kernel

PAGES = ("actions.md", "host-functions.md", "scripts.md")
MILLION = 1_000_000


def page(name: str) -> str:
    """Read a page."""
    return (DOCS / name).read_text("utf-8")


def blocks(name: str, language: str) -> list[str]:
    """List the blocks of a page that are written in a language."""
    return re.findall(rf"```{language}\n(.*?)```", page(name), re.DOTALL)


def test_the_tables_are_current() -> None:
    """`python -m tools.host_docs` writes them."""
    assert page("actions.md") == host_docs.actions(page("actions.md"))
    assert page("host-functions.md") == host_docs.functions(page("host-functions.md"))


def test_a_page_without_its_table_is_refused() -> None:
    """Somebody has changed the head of it."""
    with pytest.raises(ValueError, match="has lost the head"):
        host_docs.actions("# Actions\n")


@pytest.mark.parametrize("action", [each.name for each in ACTIONS])
def test_every_action_is_documented(action: str) -> None:
    """An action has its row."""
    assert f"\n| `{action}` |" in page("actions.md")


@pytest.mark.parametrize("function", sorted({each.name for each in Catalogue().functions()}))
def test_every_host_function_is_documented(function: str) -> None:
    """A host function has its row."""
    assert f"\n| `{function}(" in page("host-functions.md")


@pytest.mark.parametrize("name", [*HOOKS, *Outcome])
def test_every_hook_and_outcome_is_explained(name: str) -> None:
    """Authors find them on the page of scripts."""
    assert re.search(rf"^\|.*`{name}[`(]", page("scripts.md"), re.MULTILINE)


@pytest.mark.parametrize("limit", [each.name for each in fields(Budget)])
def test_the_limits_are_those_of_the_settings(limit: str) -> None:
    """Each default and both ceilings."""
    settings = ScriptSettings()
    columns = (getattr(settings, f"{which}{limit}") for which in ("", "most_", "trial_"))
    assert f"| `{limit}` | {' | '.join(map(said, columns))} |" in page("scripts.md")


def said(number: int) -> str:
    """Write a number as people do."""
    return f"{number // MILLION:,} million" if number % MILLION == 0 else f"{number:,}"


@pytest.mark.parametrize("source", [each for name in PAGES for each in blocks(name, "rhai")])
def test_every_script_compiles(kernel: Kernel, source: str) -> None:
    """What people copy from the pages works."""
    generations = kernel.movement.generations
    program = generations.load(source.encode(), kind=Kind.SCRIPT, name="page", budget=most(ScriptSettings()))
    assert "handle" in program.functions
    with pytest.raises(BadCode):
        generations.load(b"fn handle(", kind=Kind.SCRIPT, name="page", budget=most(ScriptSettings()))


def test_the_first_plugin_can_be_registered(live: Kernel) -> None:
    """With the manifest beside it, and without a note."""
    (manifest,) = blocks("scripts.md", "yaml")
    (reading,) = live.manifests.read(document.read(manifest.encode()))
    order = Register(readings=(reading,), source=blocks("scripts.md", "rhai")[0], enable=True)
    changed = live.change(order, ADMIN).body
    assert (changed["state"], changed.get("notes")) == ("enabled", None)
