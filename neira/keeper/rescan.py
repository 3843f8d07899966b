"""Find the plugin files that differ from what the registry last saw, and reload those plugins.

Bytes decide, never times or events. A file is read when it has looked the same for a while and nobody has it
open for writing; what cannot be loaded is noted for people and tried again only when something has changed:
the bytes, the plugin, the gates or safe mode.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neira import disk
from neira.changes.artifacts import largest
from neira.changes.register import Reload
from neira.errors import NeiraError
from neira.errors.web import InternalFault
from neira.keeper.quiet import face, is_being_written
from neira.model import Caller, Digest, PluginId, Scope
from neira.registry import watch_notes
from neira.registry.artifacts import digest_of
from neira.registry.snapshot import values
from neira.registry.watcher import QUIET

if TYPE_CHECKING:
    from neira.keeper.needs import Log
    from neira.keeper.quiet import Face
    from neira.kernel import Kernel
    from neira.registry.snapshot import Plugin
    from neira.world.world import World

WATCHER = Caller("system:watch", Scope.ADMIN)
WHY = "the file changed"
LONGEST_OPEN = 10.0  # seconds without a change after which an open file is taken as it is


@dataclass(frozen=True, slots=True)
class Findings:
    """What one look came to."""

    reloaded: tuple[PluginId, ...] = ()
    refused: tuple[PluginId, ...] = ()
    unsettled: tuple[PluginId, ...] = ()  # still being written: look again soon
    waiting: tuple[PluginId, ...] = ()  # refused now or earlier: another gate state may let them in


@dataclass(slots=True)
class _Sight:
    """A file as it was last seen, and since when it has looked like that."""

    face: Face
    since: float
    digest: Digest | None = None
    refusal: NeiraError | None = None  # it could not be read

    @property
    def is_read(self) -> bool:
        return self.digest is not None or self.refusal is not None

    @property
    def what(self) -> str:
        return self.refusal.sentence if self.refusal else str(self.digest)


@dataclass(frozen=True, slots=True)
class _Try:
    """What a reload depends on: as long as none of it changes, the same attempt ends the same way."""

    what: str  # the digest, or why there is none
    plugin_seq: int
    gates_seq: int
    safe_mode: bool


@dataclass(slots=True)
class _Found:
    """The findings while they are being gathered."""

    reloaded: list[PluginId] = field(default_factory=list)
    refused: list[PluginId] = field(default_factory=list)
    unsettled: list[PluginId] = field(default_factory=list)


class Rescan:
    """The files of one home as the keeper last saw them; threads take turns."""

    def __init__(self, kernel: Kernel, log: Log) -> None:
        self._kernel = kernel
        self._log = log
        self._turn = threading.Lock()
        self._sights: dict[PluginId, _Sight] = {}
        self._tries: dict[PluginId, _Try] = {}
        self._notes = dict(watch_notes.read(kernel.home))
        self._shown = dict(self._notes)

    def run(self) -> Findings:
        """Look at every entry once, and reload what changed."""
        with self._turn:
            world = self._kernel.world.now()
            found = _Found()
            for plugin in values(world.plugins):
                if plugin.entry is not None:
                    self._look(plugin, world, found)
            self._forget_all_but(world)
            self._show()
        waiting = tuple(map(PluginId, sorted(self._notes)))
        return Findings(tuple(found.reloaded), tuple(found.refused), tuple(found.unsettled), waiting)

    def _look(self, plugin: Plugin, world: World, found: _Found) -> None:
        sight = self._sight(plugin)
        if sight is None:
            self._forget(plugin.id)
        elif not sight.is_read:
            found.unsettled.append(plugin.id)
        elif sight.digest is not None and sight.digest == plugin.entry_digest:
            self._notes.pop(plugin.id, None)
        else:
            self._try(plugin, sight, world, found)

    def _sight(self, plugin: Plugin) -> _Sight | None:
        """Look at the file, and read it if it lies still."""
        path = self._kernel.home.root / str(plugin.entry)
        now = self._kernel.clock.monotonic()
        seen = face(path)
        if seen is None:
            return None
        sight = self._sights.get(plugin.id)
        if sight is None or sight.face != seen:
            sight = self._sights[plugin.id] = _Sight(seen, now)
        if sight.is_read or now - sight.since < QUIET:
            return sight
        if now - sight.since >= LONGEST_OPEN or not is_being_written(path):
            self._read(plugin, sight)
            if face(path) != seen:
                self._sights[plugin.id] = sight = _Sight(seen, now)  # it moved under the reader's eyes
        return sight

    def _read(self, plugin: Plugin, sight: _Sight) -> None:
        limit = largest(plugin.manifest.kind, self._kernel.settings)
        try:
            data = disk.read_regular(self._kernel.home.root, str(plugin.entry), limit=limit)
        except NeiraError as refusal:
            sight.refusal = refusal
        else:
            sight.digest = digest_of(data)

    def _try(self, plugin: Plugin, sight: _Sight, world: World, found: _Found) -> None:
        """Reload a plugin, unless that has been tried under the same conditions."""
        attempt = _Try(sight.what, plugin.seq, world.gates.seq, self._kernel.safety.now().active)
        if self._tries.get(plugin.id) == attempt:
            return
        error = sight.refusal or self._reload(plugin.id, sight.digest, found)
        if error is None or not error.retryable:
            self._tries[plugin.id] = attempt
        if error is None:
            self._notes.pop(plugin.id, None)
            return
        found.refused.append(plugin.id)
        self._refused(plugin.id, error, sight.digest)

    def _refused(self, plugin: PluginId, error: NeiraError, digest: Digest | None) -> None:
        """Note a refusal; one that is noted already keeps its time and is not logged again."""
        note = watch_notes.note(error, digest, self._kernel.clock.now())
        before = self._notes.get(plugin)
        if before is None or {**before, "at": ""} != {**note, "at": ""}:
            self._notes[plugin] = note
            self._log.warning("plugin not reloaded", plugin=plugin, code=error.code, message=error.sentence)

    def _reload(self, plugin: PluginId, digest: Digest | None, found: _Found) -> NeiraError | None:
        """Carry the change out; one plugin never keeps the others from being looked at."""
        try:
            change = self._kernel.change(Reload(plugin, digest), WATCHER, why=WHY)
        except NeiraError as error:
            return error
        except Exception as fault:  # noqa: BLE001 - a bug of ours that one file meets is told like a refusal
            self._log.error("reload failed", plugin=plugin, exc_info=fault)
            return InternalFault()
        if change.unchanged is None:
            found.reloaded.append(plugin)
            self._log.info("plugin reloaded", plugin=plugin, revision=change.revision)
        return None

    def _forget_all_but(self, world: World) -> None:
        """Let go of plugins that were deleted."""
        for known in {*self._sights, *self._tries, *map(PluginId, self._notes)} - set(world.plugins.plugins):
            self._forget(known)

    def _forget(self, plugin: PluginId) -> None:
        for memory in (self._sights, self._tries, self._notes):
            memory.pop(plugin, None)

    def _show(self) -> None:
        """Write the notes if they say something new."""
        if self._notes != self._shown:
            watch_notes.write(self._kernel.home, self._notes)
            self._shown = dict(self._notes)
