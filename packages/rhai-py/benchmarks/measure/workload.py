"""The events and scripts that are measured: a stroke of 50 points, and a click."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parent.parent / "scripts"
_POINTS = 50

STROKE: dict[str, Any] = {
    "type": "ui.pencil",
    "document": "chat-7f3a/notes",
    "colour": "blue",
    "size": 4,
    "page": {"width": 1280, "height": 960},
    "points": [[100 + 17 * n, 300 + n * n % 211] for n in range(_POINTS)],
}
CLICK: dict[str, Any] = {"kind": "click", "value": 21}


def source(name: str) -> str:
    """Read one of the scripts."""
    return (SCRIPTS / name).read_text()


def variant(number: int) -> str:
    """Write a pencil script that no other number has."""
    return source("pencil.rhai").replace("1 to 32 wide", f"1 to 32 wide on page {number}")
