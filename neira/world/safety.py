"""The safe mode of a home, seen by all its processes at once.

It lives in shared memory first (a failed disk must still be able to brake), then in a file that survives a
restart. A file named SAFE_MODE at the top of the home, and the setting `safe.mode`, brake as well.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from neira.errors import NeiraError
from neira.gates import safe_mode_file
from neira.gates.safe_mode import Reason, SafeMode, safe_mode
from neira.shared import Word

if TYPE_CHECKING:
    from collections.abc import Collection

    from neira.gates.safe_mode import Left
    from neira.home import Home
    from neira.shared import SharedWords

_BITS = {reason: 1 << place for place, reason in enumerate(Reason)}
_WORDLESS = "the system entered it; the reason could not be written to disk"


class Safety:
    """The brake of this home."""

    def __init__(self, home: Home, words: SharedWords, *, asked_by_settings: bool) -> None:
        self._home = home
        self._words = words
        self._asked = asked_by_settings
        self._guard = threading.Lock()
        words[Word.SAFE_MODE] |= self._bits(self._on_disk())  # what only the memory knows must stay

    def now(self) -> SafeMode:
        """Return the safe mode with all its reasons; cheap while there are none."""
        bits = self._words[Word.SAFE_MODE]
        mode = self._on_disk() if bits or self._asked or self._triggered() else SafeMode()
        for reason, bit in _BITS.items():
            if bits & bit and reason not in mode.reasons:
                mode = mode.enter(reason, _WORDLESS)
        return mode

    def enter(self, reason: Reason, why: str) -> SafeMode:
        """Brake: in memory at once, on disk if the disk still works."""
        with self._guard:
            self._words[Word.SAFE_MODE] |= _BITS[reason]
            self._store(self._on_disk().enter(reason, why))
        return self.now()

    def leave(self, healed: Collection[Reason] = ()) -> Left:
        """Release what may be released, and tell what stays."""
        with self._guard:
            left = self.now().leave(healed=healed)
            self._words[Word.SAFE_MODE] = self._bits(left.mode)
            self._store(left.mode)
        return left

    def clear(self, reason: Reason) -> None:
        """Take back one reason that has been seen to be gone."""
        with self._guard:
            kept = {each: why for each, why in self._on_disk().reasons.items() if each is not reason}
            self._words[Word.SAFE_MODE] &= ~_BITS[reason]
            self._store(safe_mode(kept))

    def _on_disk(self) -> SafeMode:
        return safe_mode_file.read(self._home.root, env=self._asked)

    def _triggered(self) -> bool:
        return (self._home.root / safe_mode_file.TRIGGER).exists()

    def _store(self, mode: SafeMode) -> None:
        try:
            safe_mode_file.write(self._home.root, mode)
        except (OSError, NeiraError):
            return  # the memory holds; a disk that fails must not release the brake

    @staticmethod
    def _bits(mode: SafeMode) -> int:
        kept = (reason for reason in mode.reasons if reason not in {Reason.ENV, Reason.FILE})
        return sum(_BITS[reason] for reason in kept)
