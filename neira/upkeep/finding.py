"""What one look at a home came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from neira.home import Home
    from neira.ports import Clock

Progress: TypeAlias = "Callable[[int, int], None]"  # how much is done, and of how much (0: nobody knows)


class State(StrEnum):
    """How well a thing stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, how it stands, and what to do if it does not stand well."""

    name: str
    state: State
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What every check is given."""

    home: Home
    clock: Clock
    progress: Progress


def ok(name: str, text: str) -> Finding:
    """Report that all is well."""
    return Finding(name, State.OK, text)


def warn(name: str, text: str, remedy: str) -> Finding:
    """Report what will become trouble."""
    return Finding(name, State.WARN, text, remedy)


def fail(name: str, text: str, remedy: str) -> Finding:
    """Report what is broken."""
    return Finding(name, State.FAIL, text, remedy)
