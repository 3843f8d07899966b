"""What the README says is what the package does."""

from __future__ import annotations

import doctest
import importlib
import re
from dataclasses import fields
from pathlib import Path

import pytest
import wasmlane
from wasmlane import Kind, Limits, Settings

PACKAGE = Path(__file__).parent.parent
README = (PACKAGE / "README.md").read_text()


def test_the_example_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Its output is the comment at its end."""
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    promised = re.findall(r"# prints: (.*)", example)
    assert capsys.readouterr().out.splitlines() == promised


def test_every_limit_and_setting_stands_in_the_readme() -> None:
    """With its default."""
    for field in (*fields(Limits), *fields(Settings)):
        assert f"| `{field.name}` |" in README, field.name


def test_every_kind_of_trap_is_explained() -> None:
    """In the table of docs/traps.md, once each."""
    text = (PACKAGE / "docs" / "traps.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE) == [kind.value for kind in Kind]


@pytest.mark.parametrize("name", ["wasmlane", "wasmlane.lane"])
def test_examples_in_docstrings_hold(name: str) -> None:
    """They are run as they stand."""
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted
    assert not result.failed


def test_every_public_name_has_a_sentence() -> None:
    """And nothing is exported that is not there."""
    public = [getattr(wasmlane, name) for name in wasmlane.__all__]
    assert all(each.__doc__ for each in public if isinstance(each, type))
