"""How a lane is made, and what one call may use."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from wasmlane.errors import Misused

if TYPE_CHECKING:
    from pathlib import Path

_KILOBYTE = 1024
_MEGABYTE = 1024 * _KILOBYTE
_LARGEST = 2**63 - 1  # what the engine can count
_SMALLEST_STACK = 64 * _KILOBYTE

RoadName = Literal["auto", "raw", "wrapped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a lane is made; all its modules share this.

    Without fuel and without epochs nothing stops an endless guest: switch both off for measurements only.
    """

    fuel: bool = True
    """Count work, so that a call can be stopped after the same work each time."""
    epochs: bool = True
    """Look at the clock, so that a call can be stopped in time."""
    wasm_stack: int = 512 * _KILOBYTE
    """Bytes of the thread's stack that one guest may use."""
    nan_canonical: bool = True
    """Make the bits of every NaN the same, so that equal calls give equal bytes on every machine."""
    tick_ms: float = 5
    """How exact time limits are."""
    cache: Path | None = None
    """Where compiled modules are kept between processes; None keeps nothing."""
    imports: frozenset[tuple[str, str]] | None = None
    """The imports, as (module, name), that modules may have; None allows all that can be answered."""
    road: RoadName = "auto"
    """`raw` calls C functions, `wrapped` the wasmtime package's classes; `auto` takes raw where it fits."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not self.wasm_stack >= _SMALLEST_STACK:
            raise Misused(f"wasm_stack is at least {_SMALLEST_STACK}, not {self.wasm_stack!r}")
        if not self.tick_ms >= 1:
            raise Misused(f"tick_ms is at least 1, not {self.tick_ms!r}")
        if self.road not in {"auto", "raw", "wrapped"}:
            raise Misused(f"road is auto, raw or wrapped, not {self.road!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may use."""

    fuel: int = 300_000_000
    """Work, about one for each instruction; exact and repeatable."""
    timeout_ms: float = 250
    """Time on the wall, host functions included."""
    memory: int = 16 * _MEGABYTE
    """Bytes of the guest's memory: it cannot grow further."""
    output: int = 256 * _KILOBYTE
    """Bytes of the answer."""
    host_calls: int = 10_000
    """Calls of imports."""
    host_bytes: int = 4 * _MEGABYTE
    """Bytes of what a host function answers, each time."""
    nesting: int = 8
    """How deep guests may call guests, through host functions, on one thread."""
    table_elements: int = 10_000
    """Elements of each table."""

    def __post_init__(self) -> None:
        """Refuse what is no limit."""
        for field in fields(self):
            given = getattr(self, field.name)
            if not 0 <= given <= _LARGEST:
                raise Misused(f"Limits.{field.name} is a number from 0 to {_LARGEST}, not {given!r}")
