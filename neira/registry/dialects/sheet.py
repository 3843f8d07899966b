"""A manifest while dialects rewrite it: the keys so far, what to tell its author, what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neira.model import Problem
from neira.parse.fields import seen

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class Sheet:
    """The one mutable thing on the way from foreign to canonical; it does not outlive the reading."""

    keys: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Tell the author something that is no mistake."""
        self.notes.append(text)

    def wrong(self, path: str, value: object, allowed: str, suggestion: str | None = None) -> None:
        """Remember a mistake."""
        self.problems.append(Problem(path, seen(value), allowed, suggestion))

    def rename(self, old: str, new: str) -> None:
        """Give a key its canonical name; both at once is a mistake."""
        if old not in self.keys:
            return
        value = self.keys.pop(old)
        if new in self.keys:
            self.wrong(old, value, f"either {old} or {new}, not both")
            return
        self.keys[new] = value
        self.note(f"`{old}` is read as `{new}`")

    def words(self, table: Mapping[str, str], key: str) -> None:
        """Replace a word by the canonical one."""
        value = self.keys.get(key)
        if isinstance(value, str) and value in table:
            self.keys[key] = table[value]
            self.note(f"`{key}: {value}` is read as `{table[value]}`")
