"""All gates that there are, by name: the shipped ones, and what a home's own gates.yaml says over them.

The kernel reads it once at opening. A gate that a home's file leaves out keeps its shipped entry, so that a
newer Neira brings its new gates along, shut.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

from neira import disk
from neira.errors.gate import InvalidGates, UnknownGate
from neira.gates import reading
from neira.gates.wording import key
from neira.parse import near, yaml_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from neira.gates.gate import Gate
    from neira.model import GateName

FILE = "capabilities/gates.yaml"
LARGEST = 256 * 1024  # bytes of a gates.yaml


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every gate, in the order of the file; it does not change while the program runs."""

    gates: Mapping[GateName, Gate]

    def __iter__(self) -> Iterator[Gate]:
        return iter(self.gates.values())

    def get(self, name: str) -> Gate:
        """Find a gate by its exact name."""
        for gate in self:
            if gate.name == name:
                return gate
        close = near.nearest(name, self.gates)
        raise UnknownGate(name, (close,) if close else ())

    def named(self, words: str) -> tuple[Gate, ...]:
        """Find every gate that may be called so, by name, title or alias, in any spelling."""
        wanted = key(words)
        return tuple(gate for gate in self if wanted in map(key, gate.called))


def catalogue(gates: Iterable[Gate]) -> Catalogue:
    """Make a catalogue of gates; of two with one name the later counts."""
    return Catalogue(MappingProxyType({gate.name: gate for gate in gates}))


def read(raw: bytes, *, base: Catalogue | None = None) -> Catalogue:
    """Read a gates.yaml over the gates that are there already; all its mistakes are refused at once."""
    known = () if base is None else tuple(base)
    gates, problems = reading.gates(yaml_events.load(raw), known)
    if problems:
        raise InvalidGates(problems)
    return catalogue((*known, *gates))


def shipped_text() -> bytes:
    """Return the gates.yaml that a new home is given."""
    return (resources.files("neira.gates") / "gates.yaml").read_bytes()


def shipped() -> Catalogue:
    """Return the gates as they are shipped."""
    return read(shipped_text())


def of_home(home: Path) -> Catalogue:
    """Return the shipped gates with a home's own entries over them; a home without the file has none."""
    base = shipped()
    if not os.path.lexists(home / FILE):  # a dangling link is no missing file: read_regular refuses it
        return base
    return read(disk.read_regular(home, FILE, limit=LARGEST), base=base)
