"""A script's state, kept between calls, for those who want it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from rhai.faults import Text
from rhai.run import AUTOPSY, Surroundings, checked, outcome, settle
from rhai.values import inward, outward
from rhai.wire import Reply, call_head, program

if TYPE_CHECKING:
    from types import TracebackType

    import wasmlane

    from rhai.limits import Limits
    from rhai.outcome import Outcome


class Session:
    """One world that lives on: `this` and whatever hangs on it stay from call to call.

    One thread at a time. A call that a limit stops ends the session's state: `reset` starts again.

    >>> import rhai
    >>> script = rhai.Engine().compile("let count = 0; fn next() { this.count += 1; this.count }")
    >>> with script.session() as session:
    ...     [session.call("next"), session.call("next")]
    [1, 2]
    >>> script.call("next")
    1
    """

    def __init__(self, image: wasmlane.Image, limits: Limits, around: Surroundings) -> None:
        self._live = image.open()
        self._limits = limits
        self._wall = limits.wall()
        self._around = around

    def call(self, function: str, *args: object) -> Any:
        """Call one function and answer its value."""
        return self.run(function, *args).value

    def run(self, function: str, *args: object) -> Outcome[Any]:
        """Call one function and answer value, cost and logs."""
        head = call_head(self._limits, function, as_json=False)
        return self._value(*self._send("call", head + inward(args, "arguments"), self._around))

    def eval(self, source: str, /, **variables: object) -> Any:
        """Run a text; its variables and functions stay for the next one."""
        around = replace(self._around, text=Text(*checked(self._around.text.name, source, self._limits)))
        request = program(self._limits, around.text.name, source) + inward(variables, "variables")
        # From now on a function may come from any of several texts: a line of one says nothing of another.
        self._around = replace(around, text=Text(around.text.name, ""))
        return self._value(*self._send("evaluate", request, around)).value

    def reset(self) -> None:
        """Start again from the state that compiling left."""
        self._live.reset()

    def close(self) -> None:
        """Let the world go."""
        self._live.close()

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _send(self, export: str, data: bytes, around: Surroundings) -> tuple[Reply, wasmlane.Cost]:
        talk = around.conversation()
        answer = self._live.call(export, data, limits=self._wall, host=talk, autopsy=AUTOPSY)
        return settle(answer, (export, data), self._limits, talk, around)

    def _value(self, parts: Reply, cost: wasmlane.Cost) -> Outcome[Any]:
        return outcome(outward(parts.value.decode(), tagged=parts.tagged), parts, cost)
