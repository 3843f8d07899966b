"""The words of this package: an example and what its author expects of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an example stands."""

    version: str
    path: str
    line: int

    def __str__(self) -> str:
        """Name it as the list of known differences does."""
        return f"{self.version} {self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Equals:
    """The last value is this one."""

    value: object


@dataclass(frozen=True, slots=True)
class Prints:
    """The commented lines say these things, in this order."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fails:
    """It is refused or fails."""


@dataclass(frozen=True, slots=True)
class Runs:
    """It ends without an error."""


Expectation = Equals | Prints | Fails | Runs


@dataclass(frozen=True, slots=True)
class Example:
    """A text to run, after the earlier ones and in their scope."""

    origin: Origin
    text: str
    expects: Expectation
    earlier: tuple[str, ...] = ()
    libraries: dict[str, str] = field(default_factory=dict)
    prepared: bool = False
    """Its author prepared the engine in Rust; without that it may rightly end otherwise."""


class Verdict(StrEnum):
    """How an example ended; all but the last are fine."""

    PASSED = "passed"
    PREPARED = "needs its author's Rust"
    KNOWN = "differs as documented"
    NATIVE = "as native Rhai, unlike its text"
    UNEXPLAINED = "unexplained"
