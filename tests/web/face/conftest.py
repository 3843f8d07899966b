"""The world that web tests share: a fresh home for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.face.web_worlds import UNMETERED, World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Open a fresh home in its embryo state."""
    made = make_world(tmp_path / "home")
    yield made
    made.app.close()
    made.kernel.close()


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Open one home for all tests of a file that only send what is refused, or read."""
    made = make_world(tmp_path_factory.mktemp("refusing") / "home", UNMETERED)
    yield made
    made.app.close()
    made.kernel.close()
