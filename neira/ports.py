"""Protocols: the outside world (time, randomness, records), and what strangers say to each other.

Engines and host functions never import each other: an engine loads programs and runs them with a `Host`, and
whatever offers host functions is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from neira.model import Budget, Draft, GateName, HostCall, Json, Kind, Ran, Record, Seq


class Clock(Protocol):
    """Wall time for records and expiry, monotonic time for everything that is measured."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back; the same scale in every process of the machine."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Entropy(Protocol):
    """Unpredictable bytes: tokens, salts, ids."""

    def bytes(self, count: int) -> bytes:
        """Return that many random bytes."""
        ...


class Records(Protocol):
    """The journal as its users see it."""

    def append(self, *drafts: Draft) -> tuple[Record, ...]:
        """Chain records and return once they are on disk."""
        ...

    def after(self, seq: Seq) -> Iterator[Record]:
        """Read the records behind a number, oldest first."""
        ...


class Host(Protocol):
    """What a running plugin may ask of us; made anew for each run."""

    def call(self, function: str, arguments: Sequence[Json]) -> Json:
        """Answer one host call, or raise `Refused`."""
        ...


class Refused(Exception):
    """A host call that was not allowed or made no sense: the plugin sees code and message, and may go on."""

    def __init__(self, code: str, message: str, *, capability: GateName | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.capability = capability  # the gate that refused


class Program(Protocol):
    """A plugin's code, loaded: any thread may run it, each run is a world of its own."""

    @property
    def functions(self) -> Mapping[str, int]:
        """Name the functions that can be called, with the number of their parameters."""
        ...

    @property
    def host_calls(self) -> Sequence[HostCall]:
        """List the host functions that it can reach."""
        ...

    def run(
        self, function: str, arguments: Sequence[Json], host: Host, *, timeout_ms: int | None = None
    ) -> Ran:
        """Run one function; whatever the code does, this returns."""
        ...


class Engine(Protocol):
    """One way of running code."""

    @property
    def kind(self) -> Kind:
        """Say which kind of plugins it runs."""
        ...

    @property
    def version(self) -> str:
        """Name everything that fuel and operations depend on, for records."""
        ...

    def load(self, artifact: bytes, *, name: str, budget: Budget) -> Program:
        """Read and check code, running nothing of it; what cannot run is `BadCode`."""
        ...
