"""A context with three notes in it, and a search in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from neira.storage.context_writer import Place
from tests.storage.context_worlds import Found, World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def noted(tmp_path: Path) -> World:
    """Save three notes in two chats."""
    world = World(tmp_path)
    world.save(1, text="Первая Заметка")
    world.save(2, Place("b", "s", "message"), text="Second note")
    world.save(3, text="third NOTE")
    return world


@pytest.fixture
def found(noted: World) -> Found:
    """Search what was saved."""
    return Found(noted)
