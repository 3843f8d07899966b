"""Whether the home can be believed: the journal verified, the projections held against it.

The kernel asks at its opening for the newest records, and wholly when somebody wants to leave safe mode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.gates.safe_mode import Reason
from neira.journal.verify import verify, verify_tail

if TYPE_CHECKING:
    from collections.abc import Collection

    from neira.disk import Lock
    from neira.home import Home
    from neira.journal.journal import Journal
    from neira.world.projections import Projections
    from neira.world.safety import Safety

ACTOR = "system:checkup"


class Checkup:
    """The last finding about a home."""

    def __init__(
        self, home: Home, journal: Journal, projections: Projections, safety: Safety, *, lock: Lock
    ) -> None:
        self._home = home
        self._lock = lock
        self._journal = journal
        self._projections = projections
        self._safety = safety
        self._clean: bool | None = None

    def journal_is_clean(self) -> bool | None:
        """Tell what the last verification found; `None` before the first."""
        return self._clean

    def at_start(self, most: int) -> None:
        """Verify the newest records, and brake if they are not what was written."""
        if most == 0 or self._journal.tail()[0] == 0:
            return
        verdict = verify_tail(self._home.root, most, lock=self._lock)
        self._clean = verdict.is_clean
        if verdict.damage is not None:
            self._safety.enter(Reason.JOURNAL, verdict.damage.sentence)

    def healed(self) -> Collection[Reason]:
        """Find which causes of safe mode are gone; reads the whole journal if that is one of them."""
        gone: list[Reason] = []
        reasons = self._safety.now().reasons
        if Reason.JOURNAL in reasons and self._verified():
            gone.append(Reason.JOURNAL)
        if Reason.REGISTRY in reasons and not self._projections.read().faults:
            gone.append(Reason.REGISTRY)
        return gone

    def _verified(self) -> bool:
        self._clean = verify(self._home.root, lock=self._lock).is_clean
        if self._clean and self._journal.broken is not None:
            self._journal.resume(ACTOR, "the journal was verified and is clean")
        return self._clean
