"""What an order comes to, before anything is written: records, bytes, and what is true afterwards.

Every verb in this folder is an `Order`; the desk carries it out. An order checks everything in `decide` and
touches nothing there, so a refused change leaves no trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

from neira.model import Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from neira.gates.catalogue import Catalogue
    from neira.gates.gate import Signals
    from neira.home import Home
    from neira.model import Digest, Draft, JsonObject, PluginId, Record, Seq
    from neira.ports import Clock, Entropy
    from neira.registry.artifacts import ArtifactStore
    from neira.registry.manifest import ManifestReader
    from neira.settings import Settings
    from neira.world.safety import Safety
    from neira.world.world import World


@dataclass(frozen=True, slots=True)
class Means:
    """What an order may look at besides the world."""

    home: Home
    settings: Settings
    clock: Clock
    entropy: Entropy
    store: ArtifactStore
    manifests: ManifestReader
    catalogue: Catalogue
    safety: Safety
    signals: Callable[[], Signals]


@dataclass(frozen=True, slots=True)
class EntryFile:
    """Bytes of the store that also belong at a plugin's `entry`, for people to edit."""

    path: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that may go ahead."""

    draft: Draft
    blobs: tuple[bytes, ...] = ()
    entries: tuple[EntryFile, ...] = ()
    created: bool = False
    secret: JsonObject | None = None  # shown in the first answer only, kept nowhere


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A change that is true already; the answer says so, nothing is journaled."""

    why: str
    body: JsonObject
    revision: Seq | None = None


Decision: TypeAlias = Plan | Unchanged


class Order(Protocol):
    """One admin verb with its arguments."""

    verb: ClassVar[str]

    def touches(self) -> PluginId | None:
        """Name the plugin that the caller's namespace must cover; `None`: the whole system."""
        ...

    def revision(self, world: World) -> Seq | None:
        """Say which revision `If-Match` is about."""
        ...

    def decide(self, world: World, means: Means) -> Decision:
        """Check the order against the world; raise, or say what to write."""
        ...


class Settling(Protocol):
    """An order with something to do right after its record is on disk, under the change lock."""

    def settle(self, record: Record, means: Means) -> None:
        """Make the rest of the home agree with the record; must be safe to repeat."""
        ...


NEEDED = Scope.ADMIN  # of every order: what needs less is no change


@dataclass(frozen=True, slots=True)
class Change:
    """The answer to an order."""

    body: JsonObject
    created: bool = False
    revision: Seq | None = None
    journal_id: str | None = None
    unchanged: str | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the desk adds to every record: who asked, when, through which request."""

    request_id: str
    at: datetime
