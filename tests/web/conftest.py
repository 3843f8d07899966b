"""The world that web tests share: a fresh home for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.web_worlds import World, make_world

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
