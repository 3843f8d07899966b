"""Answers that many ask for and that change rarely, kept as text: the list of tools above all."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 32  # answers; each at most a page of a list


class KeptTexts:
    """The texts last asked for, by what they depend on; the oldest go first."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[str, ...], str] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: tuple[str, ...], make: Callable[[], str]) -> str:
        """Return a text, made only if nobody has asked for it since its facts changed."""
        with self._guard:
            kept = self._texts.get(key)
            if kept is not None:
                self._texts.move_to_end(key)
                return kept
        made = make()
        with self._guard:
            self._texts[key] = made
            while len(self._texts) > MOST:
                self._texts.popitem(last=False)
        return made
