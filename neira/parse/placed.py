"""A document that was read from text: its value, and the line on which each part of it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.model import Json

Steps: TypeAlias = tuple[str | int, ...]  # ("ui", "buttons", 0, "id")

DEPTH = 64
NODES = 20_000


class PlainText(str):
    """A YAML scalar written without quotes: a schema may read it as a number or truth, a quoted one never."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A value and where its parts stand; `line_of` counts from 1 and knows None for text without lines."""

    value: Json
    line_of: Callable[[Steps], int | None]
