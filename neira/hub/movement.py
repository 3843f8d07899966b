"""Everything that runs plugins, put together: the kernel makes one for each home that it opens."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neira.disk import Lock
from neira.errors import NeiraError
from neira.host.catalogue import Catalogue
from neira.hub.applier import Applier, Parts
from neira.hub.deleting import Deleting
from neira.hub.delivery import Delivery
from neira.hub.forgetting import Forgetting
from neira.hub.generation import Generations
from neira.hub.invocation import Invocations
from neira.hub.lifecycle import Lifecycle
from neira.hub.recovery import Recovery
from neira.hub.running import Board
from neira.hub.subscriptions import Subscriptions
from neira.hub.tasking import Tasking
from neira.hub.transaction import Stage
from neira.hub.values_view import ValuesView
from neira.permissions.trust import Trust, Unsigned
from neira.state import snapshots
from neira.state.state import open_state
from neira.storage.context_writer import ContextWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from neira.home import Home
    from neira.host.effects import Effect
    from neira.hub.recovery import Death
    from neira.journal.journal import Journal
    from neira.model import Kind, PluginId, Seq
    from neira.ports import Clock, Engine, Entropy
    from neira.registry.artifacts import ArtifactStore
    from neira.settings import Settings
    from neira.shared import SharedWords
    from neira.world.live import LiveWorld
    from neira.world.safety import Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the kernel has opened already, and what it does when plugins go wrong."""

    home: Home
    settings: Settings
    clock: Clock
    entropy: Entropy
    machine: str
    words: SharedWords
    journal: Journal
    live: LiveWorld
    safety: Safety
    store: ArtifactStore
    engines: Callable[[Catalogue], Mapping[Kind, Engine]]
    log: Callable[[Effect], None]
    on_struck: Callable[[PluginId], None]
    on_death: Callable[[Death], None]


class Movement:
    """The running half of a kernel."""

    def __init__(self, ground: Ground) -> None:
        home, settings, clock, entropy = ground.home, ground.settings, ground.clock, ground.entropy
        self._doubt = ""
        self.catalogue = Catalogue()
        self.database = open_state(home)
        self.context = ContextWriter(home.context, home.private, head=lambda: ground.journal.tail()[0])
        self.applier = self._make_applier(ground)
        self.generations = self._make_generations(ground)
        self.stage = self._make_stage(ground)
        self.board = Board(home.private / "running", clock, entropy, threads=settings.server.threads)
        self.delivery = Delivery(
            stage=self.stage,
            board=self.board,
            heard=Subscriptions(self.generations),
            entropy=entropy,
            limits=settings.publish,
        )
        self.lifecycle = Lifecycle(
            delivery=self.delivery, safety=ground.safety, clock=clock, entropy=entropy, limits=settings.script
        )
        self.tasking = Tasking(self.stage, self.lifecycle)
        self.deleting = Deleting(self.stage, ground.safety)
        self.forgetting = Forgetting(home.root, home.context, self.applier, self.database, self.context)
        turn = Lock(home.locks / "recovery.lock", clock)
        self._recovery = Recovery(home.private / "running", self.delivery, turn, ground.on_death)

    def doubts(self) -> tuple[str, ...]:
        """Say what is late, and why."""
        return (f"stores: {self._doubt}",) if self._doubt else ()

    def has_values(self, plugin: PluginId, revision: Seq) -> bool:
        """Tell whether the values that a revision had left are kept."""
        self.catch_up()
        return snapshots.get(self.database.reading(), plugin, revision) is not None

    def recover(self) -> Sequence[Death]:
        """Finish what dead processes have left, and bring the stores up to the journal."""
        found = self._recovery.run()
        self.catch_up()
        return found

    def catch_up(self) -> None:
        """Bring the stores up to the journal; what the disk does not take is late."""
        try:
            self.applier.catch_up()
        except (NeiraError, OSError) as error:
            self._late(error)
        else:
            self._doubt = ""

    def settle(self) -> None:
        """Journal what was only counted, and make the stores certain on disk."""
        self.lifecycle.roll_up()
        self.catch_up()
        self.applier.settle()

    def close(self) -> None:
        """Let go of everything."""
        with suppress(NeiraError, OSError):
            self.settle()
        self.board.close()
        self.applier.close()
        self.context.close()
        self.database.close()

    def _make_applier(self, ground: Ground) -> Applier:
        parts = Parts(self.database, self.context, self.catalogue.actions, ground.log, self._refused)
        lock = Lock(ground.home.locks / "stores.lock", ground.clock)
        return Applier(ground.home.root, parts, ground.journal, ground.words, lock=lock, boot=ground.machine)

    def _make_generations(self, ground: Ground) -> Generations:
        return Generations(
            ground.engines(self.catalogue),
            ground.store,
            limits=ground.settings.script,
            trust=Trust(unsigned=Unsigned(ground.settings.trust.unsigned)),
            platform=sys.platform,
        )

    def _make_stage(self, ground: Ground) -> Stage:
        values = ValuesView(self.database, self.applier, ground.journal, ground.words)
        return Stage(
            live=ground.live,
            journal=ground.journal,
            generations=self.generations,
            invocations=Invocations(self.catalogue, values, ground.settings.values, ground.safety),
            applier=self.applier,
            values=values,
            database=self.database,
            words=ground.words,
            clock=ground.clock,
            late=self._late,
            on_struck=ground.on_struck,
        )

    def _late(self, error: Exception) -> None:
        self._doubt = str(error)

    def _refused(self, effect: Effect, error: Exception) -> None:
        self._doubt = f"{effect.id} of {effect.plugin} could not be stored: {error}"
