"""What an order comes to, before anything is written: records, bytes, and what is true afterwards.

Every verb in this folder is an `Order`; the desk carries it out. An order checks everything in `decide` and
touches nothing there, so a refused change leaves no trace.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from neira.model import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from neira.gates.catalogue import Catalogue as GateCatalogue
    from neira.gates.gate import Signals
    from neira.gates.safe_mode import Order as Verb
    from neira.gates.safe_mode import Reason
    from neira.home import Home
    from neira.host.catalogue import Catalogue
    from neira.hub.generation import Generations
    from neira.model import Digest, Draft, GateName, JsonObject, PluginId, Record, Seq
    from neira.ports import Clock, Entropy
    from neira.registry.artifacts import ArtifactStore
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
    catalogue: GateCatalogue
    safety: Safety
    signals: Callable[[GateName], Signals]
    host: Catalogue
    generations: Generations
    has_values: Callable[[PluginId, Seq], bool]  # whether a revision's stored values are kept
    healed: Callable[[], Collection[Reason]]  # which causes of safe mode are found to be gone


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


class Order(ABC):
    """One admin verb with its arguments; a verb overrides what is special about it."""

    __slots__ = ()
    verb: ClassVar[Verb]

    def touches(self) -> tuple[PluginId, ...]:
        """Name the plugins that the caller's namespace must cover; none: the whole system."""
        return ()

    def revision(self, world: World) -> Seq | None:  # noqa: ARG002 - for those that have one
        """Say which revision `If-Match` is about."""
        return None

    @abstractmethod
    def decide(self, world: World, means: Means) -> Decision:
        """Check the order against the world; raise, or say what to write."""

    def settle(self, record: Record, means: Means) -> None:  # noqa: B027 - most verbs end with their record
        """Make the rest of the home agree with the record, under the change lock; safe to repeat."""


NEEDED = Scope.ADMIN  # of every order: what needs less is no change


@dataclass(frozen=True, slots=True)
class Change:
    """The answer to an order."""

    body: JsonObject
    created: bool = False
    revision: Seq | None = None
    journal_id: str | None = None
    unchanged: str | None = None
