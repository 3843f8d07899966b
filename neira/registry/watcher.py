"""Hints that a plugin's file may have changed; the keeper asks for them and then looks for itself.

The operating system may drop, repeat or delay what it tells, so nothing here is believed: any number of
events is one hint, and without a single event the keeper would find a change as well, only later.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchdog.events import FileClosedEvent, FileCreatedEvent, FileMovedEvent, FileSystemEventHandler
from watchdog.observers import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from watchdog.events import FileSystemEvent

    from neira.ports import Clock

QUIET = 0.2  # seconds without an event after which it is time to look
LONGEST_WAIT = 2.0  # seconds after which it is time to look however many events still come
STORM = 1000  # events since the last look: the next ones would say nothing new, only cost

_TOLD = [FileClosedEvent, FileCreatedEvent, FileMovedEvent]  # written and closed, appeared, put in place


@dataclass(frozen=True, slots=True)
class _Span:
    first: float
    last: float
    count: int


class Hint:
    """That something may have changed: when first, when last, and how often; one value for all events."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._span: _Span | None = None
        self.wake: Callable[[], None] = _nobody

    def give(self) -> None:
        """Note one event; whoever waits is woken by the first alone."""
        now = self._clock.monotonic()
        with self._guard:
            before = self._span
            self._span = _Span(before.first, now, before.count + 1) if before else _Span(now, now, 1)
        if before is None:
            self.wake()

    def take(self) -> None:
        """Forget what was noted: somebody looks now."""
        with self._guard:
            self._span = None

    @property
    def is_storm(self) -> bool:
        """Tell whether so many events came that further ones are not worth hearing."""
        span = self._span
        return span is not None and span.count >= STORM

    def due(self) -> float | None:
        """Say when it is time to look, in monotonic seconds; None: nothing was noted."""
        span = self._span
        return None if span is None else min(span.last + QUIET, span.first + LONGEST_WAIT)


class Watcher:
    """An ear at some folders and everything below them."""

    def __init__(self, folders: Sequence[Path], hint: Hint) -> None:
        self._folders = folders
        self._hint = hint
        self._observer: _Ear | None = None

    @property
    def hears(self) -> bool:
        """Tell whether changes are being heard of."""
        return self._observer is not None

    def listen(self) -> bool:
        """Listen, anew if a folder was replaced; look afterwards. False: the system has no watches left."""
        if self._observer is not None and self._observer.is_sound():
            return True
        self.stop()
        try:
            self._observer = _Ear(self._folders, self._hint)
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Stop listening; what was told and not yet heard is dropped."""
        if self._observer is not None:
            self._observer.close()
            self._observer = None


class _Ear(FileSystemEventHandler):
    """One running observer of the folders as they are now."""

    def __init__(self, folders: Sequence[Path], hint: Hint) -> None:
        self._hint = hint
        self._observer = Observer()
        self._folders = {folder: _identity(folder) for folder in folders if folder.is_dir()}
        try:
            for folder in self._folders:
                self._observer.schedule(self, str(folder), recursive=True, event_filter=list(_TOLD))
            self._observer.start()
        except OSError:
            self._observer.unschedule_all()
            raise

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Pass on that there was something, not what."""
        _ = event
        self._hint.give()

    def is_sound(self) -> bool:
        """Tell whether it still listens, and to the folders that have these names now."""
        alive = self._observer.is_alive() and all(each.is_alive() for each in self._observer.emitters)
        return alive and all(_identity(folder) == known for folder, known in self._folders.items())

    def close(self) -> None:
        self._observer.stop()
        self._observer.join()


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(folder, follow_symlinks=False)  # noqa: PTH116 - a link in its place is another folder
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _nobody() -> None:
    """Wake nobody: nobody waits yet."""
