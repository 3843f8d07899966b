"""How much one run may use: asked for by the engine, tightened by a call."""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields
from typing import Any

import wasmlane

_MEGABYTE = 1024 * 1024
_PACKED = struct.Struct("<8IQ")
_UNBOUNDED = 2**32 - 1
_FRACTIONAL = frozenset({"memory_mb", "timeout_ms"})
_MOST = {"fuel": 2**62, "operations": 2**62, "memory_mb": 4096}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one run.

    The first group is the wall: it holds against everything, because it is kept outside the guest.
    The second group is Rhai's own: errors with better words, for clumsy scripts; 0 switches one off.
    The sizes of single values are off unless asked for: Rhai counts the whole value after each change of it,
    which makes a loop of 5,000 pushes four times as dear, and the wall holds all values together anyway.

    >>> Limits(fuel=1_000_000).timeout_ms
    250
    """

    fuel: int = 300_000_000
    """Work, counted exactly and repeatably; 20 million last 3 to 7 ms."""
    memory_mb: float = 16
    """Everything the run holds, the engine's own megabyte included."""
    timeout_ms: float = 250
    """Wall-clock time, host functions included."""
    output_size: int = 256 * 1024
    """Bytes of the answer as JSON."""
    host_calls: int = 1_000
    """Calls of host functions."""
    nesting: int = 8
    """How deep scripts, through host functions, may call scripts on one thread."""
    source_size: int = 1024 * 1024
    """Bytes of a script's text."""
    log_size: int = 64 * 1024
    """Bytes that print and debug may say; more is counted and dropped, no error."""

    operations: int = 5_000_000
    call_depth: int = 64
    string_size: int = 0
    array_size: int = 0
    map_size: int = 0
    expr_depth: int = 64
    modules: int = 32
    variables: int = 10_000

    def __post_init__(self) -> None:
        """Refuse what cannot be a limit."""
        for field in fields(self):
            given = getattr(self, field.name)
            least = 0 if field.name in _SWITCHABLE else 1
            most = _MOST.get(field.name, _UNBOUNDED)
            kind, words = ((int, float), "number") if field.name in _FRACTIONAL else (int, "whole number")
            if isinstance(given, bool) or not isinstance(given, kind) or not least <= given <= most:
                message = f"Limits.{field.name} is a {words} from {least} to {most}, not {given!r}"
                raise ValueError(message)

    def tightened(self, other: Limits) -> Limits:
        """Answer limits that keep both.

        >>> Limits(fuel=5).tightened(Limits(fuel=9, operations=0)) == Limits(fuel=5)
        True
        """
        both: dict[str, Any] = {field.name: _stricter(field.name, self, other) for field in fields(self)}
        return Limits(**both)

    def packed(self) -> bytes:
        """Write what the guest keeps itself."""
        sizes = (self.call_depth, self.string_size, self.array_size, self.map_size)
        counts = (self.expr_depth, self.modules, self.variables, min(self.log_size, _UNBOUNDED))
        return _PACKED.pack(*sizes, *counts, self.operations)

    def wall(self) -> wasmlane.Limits:
        """Answer what the sandbox keeps."""
        return wasmlane.Limits(
            fuel=self.fuel,
            timeout_ms=self.timeout_ms,
            memory=int(self.memory_mb * _MEGABYTE),
            # The head of an answer and what was printed travel with the value.
            output=self.output_size + 6 * self.log_size + 1024,
            host_calls=self.host_calls,
            nesting=self.nesting,
        )


_SWITCHABLE = frozenset(
    {
        "operations",
        "call_depth",
        "string_size",
        "array_size",
        "map_size",
        "expr_depth",
        "modules",
        "variables",
        "log_size",
        "host_calls",
    }
)
_ZERO_IS_NONE = frozenset({"log_size", "host_calls", "modules"})


def _stricter(name: str, one: Limits, two: Limits) -> float:
    given: tuple[float, float] = (getattr(one, name), getattr(two, name))
    zero_is_off = name in _SWITCHABLE and name not in _ZERO_IS_NONE
    return max(given) if zero_is_off and 0 in given else min(given)
