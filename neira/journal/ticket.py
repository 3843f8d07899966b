"""What waits in the journal's queue: the drafts of one caller, and how it hears of them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from neira.errors import NeiraError
    from neira.journal.record import Ready, Sealed
    from neira.model import Seq

    Refusal: TypeAlias = Callable[[], NeiraError]  # each waiter raises an error of its own
    Guard: TypeAlias = Callable[[Seq], bool]  # asked under the lock, with the number of the first record


class Ticket:
    """One caller's place in the queue; the leader fills it in, the caller reads it afterwards.

    Each has a bell of its own: who is served wakes up, and nobody else does.
    """

    __slots__ = ("_bell", "_refusal", "_sealed", "drafts", "guard", "is_done", "is_note", "owner")

    def __init__(
        self,
        drafts: tuple[Ready, ...],
        owner: int,
        *,
        is_note: bool = False,
        guard: Guard | None = None,
    ) -> None:
        self.drafts = drafts
        self.owner = owner
        self.is_note = is_note
        self.guard = guard
        self.is_done = False
        self._sealed: Sequence[Sealed] = ()
        self._refusal: Refusal | None = None
        self._bell = threading.Lock()
        self._bell.acquire()

    @property
    def is_refused(self) -> bool:
        """Tell whether nothing of this was written."""
        return self._refusal is not None

    def wait(self) -> None:
        """Wait until this is done, or until its owner is called to lead."""
        self._bell.acquire()

    def call(self) -> None:
        """Wake the owner."""
        self._bell.release()

    def fulfil(self, sealed: Sequence[Sealed]) -> None:
        """Hand over what is on disk now."""
        self._sealed = sealed
        self.is_done = True

    def refuse(self, refusal: Refusal) -> None:
        """Say that nothing of this was written."""
        if not self.is_done:
            self._refusal = refusal
            self.is_done = True

    def sealed(self) -> Sequence[Sealed]:
        """Return the records as they were written, or raise the refusal."""
        if self._refusal is not None:
            raise self._refusal()
        return self._sealed
