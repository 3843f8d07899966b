"""A manifest while dialects rewrite it: the keys so far, where they stood, what is wrong, what to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neira.parse.fields import seen
from neira.parse.near import nearest
from neira.registry.form.problems import MOST, Flaw, Wrong

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from neira.parse.document import Document, Steps


@dataclass(slots=True)
class Sheet:
    """The one mutable thing on the way from foreign to canonical; it does not outlive the reading."""

    document: Document
    keys: dict[str, Any]
    top: Steps = ()  # where in the document this manifest stands
    came_from: dict[Steps, Steps] = field(default_factory=dict)  # canonical place to place in the document
    notes: list[str] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    def place(self, path: Steps) -> Steps:
        """Say where in the document stands what is canonically at a path."""
        for length in range(len(path), 0, -1):
            origin = self.came_from.get(path[:length])
            if origin is not None:
                return (*origin, *path[length:])
        return (*self.top, *path)

    def note(self, text: str) -> None:
        """Tell the author something that is no mistake."""
        self.notes.append(text)

    def wrong(self, path: Steps, value: object, allowed: str, suggestion: str | None = None) -> None:
        """Remember a mistake at a canonical path, or at a foreign one that has no canonical name."""
        self.flaws.append(Flaw(path, Wrong(seen(value), allowed, suggestion)))

    def unknown(self, path: Steps, value: object, known: Collection[str], allowed: str = "") -> None:
        """Remember a key that nobody reads, with the one that was perhaps meant."""
        if len(self.flaws) < MOST:  # looking for near words costs more than reading
            allowed = allowed or "one of " + ", ".join(sorted(known))
            self.wrong(path, value, allowed, nearest(str(path[-1]), known))

    def missing(self, path: Steps, allowed: str) -> None:
        """Remember that something is not there."""
        self.flaws.append(Flaw(path, Wrong("missing", allowed)))

    def put(self, key: str, value: object, *origin: str | int) -> None:
        """Set a canonical key, and remember under which name its author wrote it."""
        self.keys[key] = value
        self.came_from[(key,)] = (*self.top, *origin)

    def rename(self, old: str, new: str) -> None:
        """Give a key its canonical name; both at once is a mistake."""
        if old not in self.keys:
            return
        value = self.keys.pop(old)
        if new in self.keys:
            self.wrong((old,), value, f"either {old} or {new}, not both")
            return
        self.put(new, value, old)
        self.note(f"`{old}` is read as `{new}`")

    def words(self, table: Mapping[str, str], key: str) -> None:
        """Replace a word by the canonical one."""
        value = self.keys.get(key)
        if isinstance(value, str) and value in table:
            self.keys[key] = table[value]
            self.note(f"`{key}: {value}` is read as `{table[value]}`")
