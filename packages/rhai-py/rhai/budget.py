"""How often a script's failures are worth a second run: an attack must not cost twice."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Budget:
    """A few at once, then one for each interval; shared by threads."""

    burst: int = 5
    interval_s: float = 1.0
    now: Callable[[], float] = time.monotonic
    _left: float = field(init=False)
    _seen: float = field(init=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Start full."""
        self._left = self.burst
        self._seen = self.now()

    def take(self) -> bool:
        """Take one, if one is left."""
        with self._lock:
            now = self.now()
            self._left = min(self.burst, self._left + (now - self._seen) / self.interval_s)
            self._seen = now
            if self._left < 1:
                return False
            self._left -= 1
            return True
