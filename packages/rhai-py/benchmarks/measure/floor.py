"""The pencil script in Python: the floor of every comparison, and what every answer is checked against."""

from __future__ import annotations

from typing import Any

_COLOURS = ("black", "red", "green", "blue")
_WIDEST = 32
_FEWEST, _MOST = 2, 500

Event = dict[str, Any]


def handle(event: Event) -> Event:
    """Check a pencil stroke and answer the action that saves it."""
    if event["type"] != "ui.pencil":
        return _refused("this is no pencil stroke")
    if event["colour"] not in _COLOURS:
        return _refused(f"there is no {event['colour']} pencil")
    if event["size"] < 1 or event["size"] > _WIDEST:
        return _refused("a pencil is 1 to 32 wide")
    if len(event["points"]) < _FEWEST or len(event["points"]) > _MOST:
        return _refused("a stroke has 2 to 500 points")
    box = _box(event["points"], event["page"]["width"], event["page"]["height"])
    if box is None:
        return _refused("the stroke leaves the page")
    kept = {key: event[key] for key in ("document", "colour", "size", "points")}
    return {"actions": [{"type": "save_annotation", **kept, "box": box}]}


def _box(points: list[list[int]], width: int, height: int) -> list[int] | None:
    left, top, right, bottom = width, height, 0, 0
    for x, y in points:
        if x < 0 or x > width or y < 0 or y > height:
            return None
        # Comparisons, as in the other languages: min and max would take five times as long.
        left = x if x < left else left  # noqa: FURB136 - see above
        right = x if x > right else right  # noqa: FURB136 - same
        top = y if y < top else top  # noqa: FURB136 - same
        bottom = y if y > bottom else bottom  # noqa: FURB136 - same
    return [left, top, right, bottom]


def _refused(why: str) -> Event:
    return {"actions": [], "error": why}
