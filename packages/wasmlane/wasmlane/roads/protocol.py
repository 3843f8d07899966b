"""What a road is: one way to drive one instance of a module in a store of its own.

Both roads give the same results; `raw` is several times faster, `wrapped` needs only the wasmtime package's
public classes. Nothing outside this folder knows which one runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import wasmtime

    from wasmlane.binary import FuncType, Global
    from wasmlane.imports import Offer
    from wasmlane.outcome import Stop
    from wasmlane.settings import Limits, Settings


class Answerer(Protocol):
    """Answers a host call: the import's number and its arguments as unsigned words. None stops the guest."""

    def __call__(self, number: int, arguments: Sequence[int], /) -> int | None:
        """Answer, in bits."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What instances of one module are made from, in this process."""

    settings: Settings
    engine: wasmtime.Engine
    module: wasmtime.Module
    offers: tuple[Offer, ...]
    """What is given for each import, in the module's order."""
    functions: Mapping[str, FuncType]
    globals: tuple[Global, ...]
    memory: str | None


class Instance(Protocol):
    """One instance. It belongs to one thread at a time, and is of no use after a trap but for an autopsy."""

    base: int
    """Where the memory lies in this process, as of the last `look`."""
    size: int
    failure: BaseException | None
    """What a host function, or a signal while it ran, raised."""

    def start(self) -> Stop | None:
        """Instantiate; the module's start function runs with what was armed."""

    def arm(self, limits: Limits, ticks: int) -> None:
        """Set what may be used from now on, and after how many ticks of the engine to stop."""

    def enter(self, export: str, first: int, second: int) -> int | Stop:
        """Call an export with up to two words and give 64 bits of what it answers."""

    def invoke(self, export: str, numbers: Sequence[int | float]) -> tuple[int | float, ...] | Stop:
        """Call an export with numbers that fit its type."""

    def look(self) -> None:
        """Find the memory again: each entry may have grown it."""

    def grow(self, pages: int) -> bool:
        """Grow the memory."""

    def fuel_left(self) -> int:
        """Tell what is left of the fuel."""

    def saved(self) -> tuple[object, ...]:
        """Read the mutable globals."""

    def put(self, saved: Sequence[object]) -> None:
        """Write the mutable globals."""

    def drop(self) -> None:
        """Free everything; nothing may be called afterwards."""


class Road(Protocol):
    """Makes instances of one module."""

    def instance(self, answer: Answerer) -> Instance:
        """Make one that is not started."""

    def leave_behind(self) -> None:
        """Touch nothing any more: a forked child has no part in its parent's engine."""
