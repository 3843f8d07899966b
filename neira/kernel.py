"""The one composition root: a home, opened. The web, the CLI and the tests are faces of it.

Open it in the process that uses it, after any fork: it holds locks, descriptors and threads' locks.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from neira import __version__, disk
from neira.changes.desk import Desk
from neira.changes.entries import EntryFiles
from neira.changes.plan import Means
from neira.changes.strike import STRIKER, Strike
from neira.changes.switching import Switching
from neira.clock import SystemClock, SystemEntropy, machine_boot
from neira.disk import Lock
from neira.engines.rhai import RhaiEngine
from neira.errors import NeiraError
from neira.gates import catalogue as gate_catalogue
from neira.gates.safe_mode import Reason
from neira.home import Home
from neira.hub import crashes, tools
from neira.hub.hub import Hub
from neira.hub.movement import Ground, Movement
from neira.hub.plugin_log import PluginLog
from neira.idempotency.index import IdempotencyIndex
from neira.idempotency.running import RunningKeys
from neira.journal.journal import Journal
from neira.limits import most
from neira.model import ChangeNote, Draft, Kind
from neira.permissions.permission import parse as parse_permission
from neira.quotas.rates import Rates
from neira.registry.artifacts import ArtifactStore
from neira.registry.reading import ManifestReader
from neira.security.authenticate import authenticate
from neira.security.param_key import param_key
from neira.shared import SharedWords, Word
from neira.storage.context_index import ContextIndex
from neira.world.checkup import Checkup
from neira.world.live import LiveWorld
from neira.world.projections import Projections
from neira.world.safety import Safety
from neira.world.scribe import Scribe
from neira.world.signals import SignalCounts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from neira.changes.plan import Change, Order
    from neira.host.catalogue import Catalogue as HostCatalogue
    from neira.hub.recovery import Death
    from neira.idempotency.index import Use
    from neira.model import Caller, JsonObject, PluginId
    from neira.ports import Clock, Engine, Entropy
    from neira.settings import Settings
    from neira.world.world import World

KERNEL = "system:kernel"


@dataclass(frozen=True, slots=True)
class Health:
    """Whether requests can be served, and what is not as it should be."""

    status: str  # ready | degraded | safe_mode
    reasons: tuple[str, ...]


class Kernel:
    """An opened home, with its parts."""

    def __init__(self, home: Home, settings: Settings, *, clock: Clock, entropy: Entropy) -> None:
        self._closed = False
        self._reminder: threading.Timer | None = None
        self.home = home
        self.settings = settings
        self.clock = clock
        self.entropy = entropy
        self.words = SharedWords(home.private / "shared")
        self.journal_lock = Lock(home.locks / "journal.lock", clock)
        self.safety = Safety(home, self.words, asked_by_settings=settings.safe.mode)
        self.journal = self._open_journal()
        self.catalogue = gate_catalogue.of_home(home.root)
        self.projections = Projections(home, self.catalogue, self.journal)
        self.scribe = Scribe(home, self.catalogue, self.projections, clock, remind=self._settle_in)
        self.checkup = Checkup(home, self.journal, self.projections, self.safety, lock=self.journal_lock)
        self.world = LiveWorld(self._read_world(), self.journal, self.words, on_damage=self._brake)
        self.manifests = ManifestReader(parse_permission, own_version=__version__)
        self.rates = Rates(self.words, clock)
        self.change_lock = Lock(home.locks / "change.lock", clock)
        self._running = RunningKeys(home.locks / "idempotency.lock")
        self._keys = self._open_keys()
        self.signals = SignalCounts(
            home.private / "signals.json", self.journal, self.checkup.journal_is_clean
        )
        self.store = ArtifactStore(home.root)
        self.plugin_log = PluginLog(clock)
        self.context_index = ContextIndex(home.private, home.context, clock)
        self.movement = self._make_movement()
        self.hub = self._make_hub()
        self.desk = self._make_desk()
        if self._is_late:
            self._catch_up()
        with suppress(NeiraError, OSError):
            self.movement.recover()

    @classmethod
    def open(
        cls, root: Path, settings: Settings, *, clock: Clock | None = None, entropy: Entropy | None = None
    ) -> Self:
        """Open a home that exists; the journal is checked, nothing of a plugin is loaded."""
        home = Home(root)
        home.check()
        return cls(home, settings, clock=clock or SystemClock(), entropy=entropy or SystemEntropy())

    def change(
        self,
        order: Order,
        caller: Caller,
        *,
        why: str = "",
        if_match: str | None = None,
        use: Use | None = None,
        request_id: str = "",
    ) -> Change:
        """Carry out one admin verb."""
        return self.desk.change(order, caller, why=why, if_match=if_match, use=use, request_id=request_id)

    def authenticate(self, header: str | None) -> Caller:
        """Say who speaks; a token once seen expired stays expired, whatever the wall clock does."""
        now = int(self.clock.now().timestamp() * 1_000_000)
        self.words.raise_to(Word.LATEST_TIME, now)
        latest = datetime.fromtimestamp(self.words[Word.LATEST_TIME] / 1_000_000, UTC)
        return authenticate(header, self.world.now().tokens, latest)

    def tools(self, caller: Caller) -> Iterator[JsonObject]:
        """List the tools that a caller may draw."""
        return tools.tools(self.world.now(), caller)

    def tools_etag(self, caller: Caller) -> str:
        """Tag that list without making it."""
        return tools.etag(self.world.now(), caller)

    def health(self) -> Health:
        """Say how the system stands."""
        mode = self.safety.now()
        if mode.active:
            return Health("safe_mode", tuple(f"{reason}: {why}" for reason, why in mode.reasons.items()))
        doubts = (*self.scribe.doubts(), *self.movement.doubts())
        return Health("degraded" if doubts else "ready", doubts)

    def recover(self) -> Sequence[Death]:
        """Finish what dead processes have left."""
        return self.movement.recover()

    def settle(self) -> None:
        """Make certain on disk what can be made again from the journal."""
        self.movement.settle()

    def begin(self) -> None:
        """Write the first record of a new home; one that has a journal is left alone."""
        seq, _ = self.journal.tail()
        if seq == 0:
            note = ChangeNote("this home was created", verify="neira doctor")
            self.journal.append(Draft("home.created", KERNEL, note, "home-created"))
            self.world.publish()
        self.projections.save(self.world.refresh())

    def close(self) -> None:
        """Let go of everything, once; the projections are brought up to date first."""
        if self._closed:
            return
        self._closed = True
        if self._reminder is not None:
            self._reminder.cancel()
        with suppress(NeiraError):
            self.scribe.close(self.world.now())
        self.movement.close()
        self.journal.close()
        self._running.close()
        self.words.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_world(self) -> World:
        """Check what the home says, brake where it cannot be believed, and go on with what can."""
        self.checkup.at_start(self.settings.journal.verify_at_start)
        reading = self.projections.read()
        if reading.faults:
            self.safety.enter(Reason.REGISTRY, "; ".join(reading.faults))
        self._is_late = reading.is_late
        return reading.world

    def _healed(self) -> Collection[Reason]:
        """Find which causes of safe mode are gone; a journal that can be read again is read again."""
        gone = self.checkup.healed()
        if Reason.JOURNAL in gone:
            self.world.put(self.projections.fold_all())
        return gone

    def _catch_up(self) -> None:
        """Finish what a process that died left unfinished behind its last record."""
        with suppress(NeiraError), self.change_lock.held(1.0):
            for folder in (self.home.plugins, self.home.capabilities):
                disk.sweep(folder)
            self.projections.save(self.world.refresh())

    def _settle_in(self, seconds: float) -> None:
        """Write a late index soon, also if no further change comes."""
        if self._reminder is None or not self._reminder.is_alive():
            self._reminder = threading.Timer(seconds, self._settle)
            self._reminder.daemon = True
            self._reminder.start()

    def _settle(self) -> None:
        with suppress(NeiraError), self.change_lock.held():
            if not self._closed:
                self.scribe.settle(self.world.refresh())

    def _open_journal(self) -> Journal:
        return Journal.open(
            self.home.root,
            clock=self.clock,
            entropy=self.entropy,
            lock=self.journal_lock,
            segment_bytes=self.settings.journal.segment_mb << 20,
            on_broken=self._brake,
        )

    def _brake(self, why: str) -> None:
        self.safety.enter(Reason.JOURNAL, why)

    def _open_keys(self) -> IdempotencyIndex:
        keep = timedelta(hours=self.settings.idempotency.hours)
        return IdempotencyIndex(self.home.private / "idempotency.sqlite", self.journal.after, keep)

    def _make_hub(self) -> Hub:
        return Hub(
            self.world,
            self.journal,
            self.movement.delivery,
            keys=self._keys,
            running=self._running,
            clock=self.clock,
            entropy=self.entropy,
            etag=tools.etag,
            seal=lambda secret: param_key(self.home, self.entropy).seal(secret),
        )

    def _make_movement(self) -> Movement:
        return Movement(
            Ground(
                home=self.home,
                settings=self.settings,
                clock=self.clock,
                entropy=self.entropy,
                machine=machine_boot(),
                words=self.words,
                journal=self.journal,
                live=self.world,
                safety=self.safety,
                store=self.store,
                engines=self._engines,
                log=self.plugin_log,
                on_struck=self._strike,
                on_death=self._mourn,
            )
        )

    def _mourn(self, death: Death) -> None:
        """Brake when plugins keep the system from serving."""
        crashes.judge(self.home.root, self.journal, self.safety, death)

    def _engines(self, host: HostCatalogue) -> dict[Kind, Engine]:
        offered = ((each.name, each.least, each.greatest) for each in host.functions())
        return {Kind.SCRIPT: RhaiEngine(offered, most(self.settings.script))}

    def _strike(self, plugin: PluginId) -> None:
        """Disable a plugin that has struck its limits too often; a race with somebody else is no matter."""
        with suppress(NeiraError):
            self.change(Strike(plugin), STRIKER)

    def _make_desk(self) -> Desk:
        means = Means(
            home=self.home,
            settings=self.settings,
            clock=self.clock,
            entropy=self.entropy,
            store=self.store,
            host=self.movement.catalogue,
            generations=self.movement.generations,
            has_values=self.movement.has_values,
            catalogue=self.catalogue,
            safety=self.safety,
            signals=self.signals.of,
            healed=self._healed,
        )
        return Desk(
            means,
            lock=self.change_lock,
            live=self.world,
            journal=self.journal,
            keys=self._keys,
            scribe=self.scribe,
            entries=EntryFiles(self.home, self.store),
            switching=Switching(self.movement),
        )
