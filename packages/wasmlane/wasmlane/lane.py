"""A lane: one engine with its settings, and the modules loaded into it."""

from __future__ import annotations

import functools
import hashlib
import os
import threading
import weakref
from typing import TYPE_CHECKING, Self

import wasmtime

from wasmlane.binary import inspect
from wasmlane.code import Code
from wasmlane.errors import Closed, ModuleRefused, SetupFailed
from wasmlane.image import Image
from wasmlane.imports import offers
from wasmlane.machine import Machine, one_line
from wasmlane.outcome import Trapped, refused
from wasmlane.roads.choice import installed
from wasmlane.settings import Limits, Settings
from wasmlane.sources import Replayed, Restored, Setup
from wasmlane.stack import Here

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from wasmlane.guest import Guest
    from wasmlane.program import Program


class Lane:
    """One engine. Any number of threads may use it and what it loads; forked children make their own from it.

    >>> with Lane() as lane:
    ...     image = lane.load('(module (func (export "double") (param i32) (result i32) '
    ...                       '(i32.mul (local.get 0) (i32.const 2))))')
    ...     image.invoke("double", 21).values
    (42,)
    """

    def __init__(self, settings: Settings | None = None) -> None:
        installed()
        self.settings = settings or Settings()
        self.here = Here()
        self._codes: weakref.WeakValueDictionary[tuple[bytes, object], Code] = weakref.WeakValueDictionary()
        self._machine: Machine | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._left_behind: list[object] = []
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=functools.partial(_leave_behind, weakref.ref(self)))

    def load(
        self,
        module: bytes | str,
        *,
        setup: Sequence[str] = (),
        reserve: int = 0,
        limits: Limits | None = None,
        imports: frozenset[tuple[str, str]] | None = None,
    ) -> Image:
        """Compile a module, set it up under the limits, and make an image of that moment.

        `setup` names exports of type () -> (), run in order; `reserve` is a length: inputs that fit are
        written to a place that the module's `alloc` gives once. `imports` says what the module may import, in
        the place of the lane's settings. The limits are also those of calls that bring none.
        """
        code = self._code(_binary(module), self.settings.imports if imports is None else imports)
        program = code.program or code.ready()
        program.check(tuple(setup), reserve)
        kept = limits or Limits()
        begin = Setup(tuple(setup), reserve, kept)
        guest = self._begun(program, begin, kept)
        try:
            source = (
                Restored.at(guest, begin)
                if code.inspected.restorable
                else Replayed(begin, guest.instance.size)
            )
        finally:
            guest.drop()
        return Image(code, source, kept)

    def _code(self, wasm: bytes, allowed: frozenset[tuple[str, str]] | None) -> Code:
        key = (hashlib.sha256(wasm).digest(), allowed)
        with self._lock:
            if self._closed:
                raise Closed("lane")
            code = self._codes.get(key)
        if code is None:
            inspected = inspect(wasm)
            code = Code(self, inspected, offers(inspected.imports, allowed))
            code.ready()
            with self._lock:
                code = self._codes.setdefault(key, code)
        return code

    def _begun(self, program: Program, begin: Setup, limits: Limits) -> Guest:
        if stop := self.here.refusal(limits.nesting, self.settings.wasm_stack):
            raise SetupFailed(refused(stop))
        guest = begin.guest(program)
        if isinstance(guest, Trapped):
            raise SetupFailed(guest)
        return guest

    def machine(self) -> Machine:
        """Give this process's engine; made at first use."""
        with self._lock:
            if self._closed:
                raise Closed("lane")
            if self._machine is None:
                self._machine = Machine(self.settings)
            return self._machine

    def close(self) -> None:
        """Let everything go: its images answer no more calls. Closing twice does no harm."""
        with self._lock:
            self._closed = True
            codes, self._machine = list(self._codes.values()), None
        for code in codes:
            code.close()

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def leave_behind(self) -> None:
        """Begin anew in a forked child: the parent's engine has lost its threads and stays untouched."""
        self._lock = threading.Lock()
        self._left_behind += [code.leave_behind() for code in list(self._codes.values())]
        if self._machine is not None:
            self._machine.clock.leave_behind()
            self._left_behind.append(self._machine)
            self._machine = None


def _leave_behind(lane: weakref.ref[Lane]) -> None:
    if (alive := lane()) is not None:
        alive.leave_behind()


def _binary(module: bytes | str) -> bytes:
    if isinstance(module, str):
        try:
            return bytes(wasmtime.wat2wasm(module))
        except wasmtime.WasmtimeError as error:
            raise ModuleRefused(one_line(str(error))) from None
    return bytes(module)
