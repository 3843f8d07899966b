"""The documentation is tested: what the code has, docs/ names; what is generated there is current."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import neira
from neira.errors import NeiraError
from neira.gates.catalogue import shipped
from neira.settings import options
from tools import setting_docs

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).resolve().parent.parent / "docs"


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _error_classes() -> Iterator[type[NeiraError]]:
    for module in pkgutil.walk_packages(neira.__path__, "neira."):
        if not module.name.endswith(("wsgi", "__main__", "application")):
            importlib.import_module(module.name)
    waiting = [NeiraError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if "code" in vars(kind) and kind.__module__.startswith("neira."):
                yield kind


def test_the_page_of_settings_is_current() -> None:
    """`python -m tools.setting_docs` writes it."""
    assert _text("settings.md") == setting_docs.page()


@pytest.mark.parametrize("option", [option.name for option in options()])
def test_every_setting_is_documented(option: str) -> None:
    """A setting stands in docs/settings.md."""
    assert f"`{option}`" in _text("settings.md")


@pytest.mark.parametrize("gate", [gate.name for gate in shipped()])
def test_every_gate_is_documented(gate: str) -> None:
    """A gate stands in docs/gates.md."""
    assert f"`{gate}`" in _text("gates.md")


def test_every_error_code_is_documented() -> None:
    """A code stands in docs/errors.md."""
    page = _text("errors.md")
    assert {kind.code for kind in _error_classes() if f"`{kind.code}`" not in page} == set()


def test_an_error_code_is_used_once() -> None:
    """A program that decides on a code must not meet two meanings."""
    codes = [kind.code for kind in _error_classes()]
    assert sorted(codes) == sorted(set(codes))
