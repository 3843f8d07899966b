"""`neira` as a person types it, on a home of its own, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from neira.cli.main import build
from neira.founding import found

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

_NEUTRAL = {"LC_ALL": "C", "NEIRA_HOME": None, "NEIRA_URL": None, "NEIRA_TOKEN": None}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Found a home in its embryo state, with the real clock."""
    return found(tmp_path / "home").root


@pytest.fixture
def neira(place: Path) -> Callable[..., Result]:
    """Run a verb on that home; what is no refusal of ours is raised."""

    def run(*words: str, env: dict[str, Any] | None = None, **rest: Any) -> Result:
        surroundings = {**_NEUTRAL, "NEIRA_HOME": str(place), **(env or {})}
        return CliRunner().invoke(build(), list(words), env=surroundings, catch_exceptions=False, **rest)

    return run
