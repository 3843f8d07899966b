"""The engine: what its scripts may call, and how much they may use."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import wasmlane

from rhai import faults, guest
from rhai.faults import Text
from rhai.functions import HostFunction, described
from rhai.limits import Limits
from rhai.run import AUTOPSY, Listeners, Surroundings, checked, outcome, settle
from rhai.script import About, Script
from rhai.session import Session
from rhai.values import inward, outward
from rhai.wire import equipment, program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rhai.outcome import Outcome

    F = TypeVar("F", bound=Callable[..., Any])


_PREPARATION: Final = Limits(timeout_ms=1_000)


@dataclass(frozen=True, slots=True)
class Equipped:
    """The engine's state before any script: functions, libraries and constants are in."""

    image: wasmlane.Image
    request: bytes
    functions: Mapping[str, HostFunction]


class Engine:
    """An engine with its limits, host functions, libraries and constants.

    Any number of threads may use one. Scripts see the functions that were there when they were compiled.

    >>> engine = Engine(limits=Limits(fuel=10_000_000), scope={"ANSWER": 42})
    >>> engine.eval("ANSWER + 1")
    43
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        scope: Mapping[str, object] | None = None,
        libraries: Mapping[str, str] | None = None,
        diagnose: bool = True,
    ) -> None:
        """Make an engine.

        `scope` holds constants that every script sees, `libraries` scripts for `import "name" as alias`;
        `diagnose=False` does without the second run that gives placeless errors their line.
        """
        self.limits = limits if limits is not None else Limits()
        self._scope = dict(scope or {})
        self._libraries = dict(libraries or {})
        self._diagnose = diagnose
        self._functions: dict[str, HostFunction] = {}
        self._listeners = Listeners()
        self._equipped: Equipped | None = None
        self._lock = threading.Lock()

    def register(self, module: str, name: str, function: Callable[..., Any]) -> None:
        """Let scripts compiled from now on call a Python function as `module::name`.

        >>> engine = Engine()
        >>> engine.register("text", "shout", str.upper)
        >>> engine.eval('text::shout("hi")')
        'HI'
        """
        offered = described(module, name, function)
        with self._lock:
            self._functions = {**self._functions, offered.full_name: offered}

    def function(self, name: str) -> Callable[[F], F]:
        """Register the decorated function under `module::name`.

        >>> engine = Engine()
        >>> @engine.function("sums::double")
        ... def double(number):
        ...     return number * 2
        >>> engine.eval("sums::double(21)")
        42
        """
        module, separator, last = name.partition("::")
        if not separator:
            message = f"{name!r} has no module: scripts call host functions as module::name"
            raise ValueError(message)

        def keep(function: F) -> F:
            self.register(module, last, function)
            return function

        return keep

    def on_print(self, listener: Callable[[str], object]) -> Callable[[str], object]:
        """Hand what scripts print to a function, after each run; usable as a decorator."""
        self._listeners.on_print = listener
        return listener

    def on_debug(self, listener: Callable[[str], object]) -> Callable[[str], object]:
        """Hand what scripts say with `debug` to a function, after each run; usable as a decorator."""
        self._listeners.on_debug = listener
        return listener

    def compile(self, source: str, name: str = "script", *, limits: Limits | None = None) -> Script:
        """Compile a script and run its top level once.

        >>> Engine().compile("fn add(a, b) { a + b }", name="add.rhai").functions[0].parameters
        ('a', 'b')
        """
        kept = self._kept(limits)
        request = ("compile", program(kept, *checked(name, source, kept)))
        image, around = self._ready(Text(name, source))
        made = image.advance(*request, limits=kept.wall(), host=None, autopsy=AUTOPSY)
        answer, compiled = (made, None) if isinstance(made, wasmlane.Trapped) else made
        parts, _ = settle(answer, request, kept, None, around)
        assert compiled is not None, "settle raises for a trap"
        here = Surroundings(
            around.text, around.functions, around.listeners, (*around.before, request), around.diagnose
        )
        return Script(compiled, kept, here, About.read(parts, around.text))

    def eval(self, source: str, /, **variables: object) -> Any:
        """Run a text from top to bottom and answer its last value.

        >>> Engine().eval("a * b", a=6, b=7)
        42
        """
        return self.run(source, variables).value

    def run(
        self,
        source: str,
        variables: Mapping[str, object] | None = None,
        *,
        name: str = "eval",
        limits: Limits | None = None,
    ) -> Outcome[Any]:
        """Run a text from top to bottom and answer value, cost and logs."""
        kept = self._kept(limits)
        text = program(kept, *checked(name, source, kept))
        request = ("evaluate", text + inward(dict(variables or {}), "variables"))
        image, around = self._ready(Text(name, source))
        talk = around.conversation()
        answer = image.call(*request, limits=kept.wall(), host=talk, autopsy=AUTOPSY)
        parts, cost = settle(answer, request, kept, talk, around)
        return outcome(outward(parts.value.decode(), tagged=parts.tagged), parts, cost)

    def session(self, *, limits: Limits | None = None) -> Session:
        """Open an empty world that keeps what `Session.eval` leaves in it.

        >>> with Engine().session() as session:
        ...     _ = session.eval("let x = 41;")
        ...     session.eval("x + 1")
        42
        """
        image, around = self._ready(Text("session", ""))
        return Session(image, self._kept(limits), around)

    def _kept(self, limits: Limits | None) -> Limits:
        return self.limits if limits is None else self.limits.tightened(limits)

    def _ready(self, text: Text) -> tuple[wasmlane.Image, Surroundings]:
        functions = self._functions
        ready = self._equipped
        if ready is None or ready.functions is not functions:
            # Two threads may do this at once and get the same; no lock is held that a fork could inherit.
            ready = self._equipped = self._equip(functions)
        before = (("equip", ready.request),)
        return ready.image, Surroundings(text, functions, self._listeners, before, self._diagnose)

    def _equip(self, functions: Mapping[str, HostFunction]) -> Equipped:
        request = equipment(self.limits, functions.values(), self._libraries, self._scope)
        try:
            start = guest.ordinary()
        except wasmlane.SetupFailed as failure:  # on a thread whose stack has no room for a guest
            raise faults.error(faults.of_trap(failure.trapped, self.limits), Text("engine", "")) from None
        # The engine's own preparation is not a script's doing: tight limits must not forbid it.
        roomy = replace(_PREPARATION, memory_mb=max(self.limits.memory_mb, _PREPARATION.memory_mb))
        made = start.advance("equip", request, limits=roomy.wall(), host=None, autopsy=AUTOPSY)
        answer, image = (made, None) if isinstance(made, wasmlane.Trapped) else made
        around = Surroundings(Text("engine", ""), functions, self._listeners, (), self._diagnose)
        settle(answer, ("equip", request), roomy, None, around)
        assert image is not None, "settle raises for a trap"
        return Equipped(image, request, functions)
