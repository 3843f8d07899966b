"""A module as every process may have it: its bytes, what was read of them, and the way to native code."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import wasmtime

from wasmlane.cache import Cache
from wasmlane.machine import key_for
from wasmlane.program import Program

if TYPE_CHECKING:
    from wasmlane.binary import Inspected
    from wasmlane.imports import Offer
    from wasmlane.lane import Lane
    from wasmlane.machine import Machine


class Code:
    """One module, shared by all its images; loaded into a process at first use there."""

    def __init__(self, lane: Lane, inspected: Inspected, offers: tuple[Offer, ...]) -> None:
        self.lane = lane
        self.inspected = inspected
        self.offers = offers
        self.program: Program | None = None
        self._lock = threading.Lock()
        self._native: bytes | None = None
        """Kept only where there is no cache to read it from again."""

    def ready(self) -> Program:
        """Load the module into this process, if it is not."""
        with self._lock:
            if self.program is None:
                machine = self.lane.machine()
                self.program = Program(self, machine, self._module(machine), self.lane.here)
            return self.program

    def _module(self, machine: Machine) -> wasmtime.Module:
        wasm, settings = self.inspected.wasm, machine.settings
        native = self._native
        if native is None:
            native = Cache(settings.cache).fetch(key_for(wasm, settings), lambda: machine.compiled(wasm))
            self._native = None if settings.cache else native
        try:
            return machine.loaded(native)
        except wasmtime.WasmtimeError:  # made by another build of the same version
            return machine.loaded(machine.compiled(wasm))

    def close(self) -> None:
        """Let this process's guests go."""
        program, self.program = self.program, None
        if program is not None:
            program.close()

    def leave_behind(self) -> Program | None:
        """Forget what a forked child has of its parent, and give it to be kept untouched."""
        self._lock = threading.Lock()
        program, self.program = self.program, None
        if program is not None:
            program.leave_behind()
        return program
