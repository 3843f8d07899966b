"""Everything that can go wrong, as one tree below `RhaiError`.

`SyntaxError` and `RuntimeError` bear the names that Rhai's users know; import the module, not the names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rhai.outcome import Cost


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which text something stands; line and column count from 1."""

    source_name: str = ""
    line: int | None = None
    column: int | None = None
    function: str = ""
    near: bool = False
    """The run was stopped from outside: this is where it was last seen."""

    def __str__(self) -> str:
        """Say it as a person would."""
        parts = []
        if self.line is not None:
            column = f", column {self.column}" if self.column else ""
            parts.append(f"{'near ' if self.near else ''}line {self.line}{column}")
        if self.source_name:
            parts.append(f"of {self.source_name}" if parts else f"in {self.source_name}")
        if self.function:
            # Rhai numbers its closures anon$…: that says nothing to a reader.
            parts.append("in a closure" if self.function.startswith("anon$") else f"in {self.function}()")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Frame:
    """One call on the way to an error."""

    function: str
    source_name: str
    line: int | None
    column: int | None


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of an error besides its message."""

    code: str
    message: str
    place: Place = field(default_factory=Place)
    excerpt: str = ""
    trace: tuple[Frame, ...] = ()
    logs: tuple[object, ...] = ()


class RhaiError(Exception):
    """What every error of this package is."""

    def __init__(self, story: Story) -> None:
        super().__init__(story.message)
        self.code = story.code
        self.message = story.message
        self.place = story.place
        self.line = story.place.line
        self.column = story.place.column
        self.source_name = story.place.source_name
        self.function = story.place.function
        self.excerpt = story.excerpt
        self.trace = story.trace
        self.logs = story.logs
        """What the script had printed until then."""
        self.cost: Cost | None = None
        """What the run had used until then; None if nothing ran."""

    def __str__(self) -> str:
        """Give message, place and a look at the line."""
        place = str(self.place)
        text = f"{self.message} ({place})" if place else self.message
        return f"{text}\n{self.excerpt}" if self.excerpt else text

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way between processes."""
        story = Story(self.code, self.message, self.place, self.excerpt, self.trace, self.logs)
        return (type(self), (story,), {"cost": self.cost, **self._more()})

    def _more(self) -> dict[str, object]:
        return {}


class SyntaxError(RhaiError):  # noqa: A001 - the name that Rhai and Python share for it
    """The text is no script, or uses what does not exist here."""


class RuntimeError(RhaiError):  # noqa: A001 - same
    """The script failed, or threw: what it threw is in `value`."""

    def __init__(self, story: Story, value: object = None) -> None:
        super().__init__(story)
        self.value = value

    def _more(self) -> dict[str, object]:
        return {"value": self.value}


class LimitError(RhaiError):
    """A limit ended the run; `limit` is its name in `Limits`."""

    def __init__(self, story: Story, limit: str = "") -> None:
        super().__init__(story)
        self.limit = limit

    def _more(self) -> dict[str, object]:
        return {"limit": self.limit}


class HostError(RhaiError):
    """A host function failed and the script did not catch it; the exception is `__cause__`."""


class ConversionError(RhaiError):
    """A value cannot cross between Python and Rhai; `path` leads to it."""

    def __init__(self, story: Story, path: str = "") -> None:
        super().__init__(story)
        self.path = path

    def _more(self) -> dict[str, object]:
        return {"path": self.path}


class Refusal(Exception):
    """Raised by a host function that says no: the script sees its words and fields and may catch it.

    >>> import rhai
    >>> engine = rhai.Engine()
    >>> @engine.function("door::open")
    ... def open_door():
    ...     raise rhai.Refusal("it is locked", code="locked")
    >>> engine.eval("let said = (); try { door::open() } catch (no) { said = no; } said.code + said.message")
    'lockedit is locked'
    """

    def __init__(self, message: str, **fields: str) -> None:
        super().__init__(message)
        self.fields = fields


class InternalError(RhaiError):
    """The engine itself stopped, as no script should be able to make it; the run is undone all the same."""
