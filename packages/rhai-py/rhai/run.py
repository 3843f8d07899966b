"""One run of the guest, from request to value or exception; what all roads share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import wasmlane

from rhai import faults
from rhai.budget import Budget
from rhai.diagnosis import Rerun
from rhai.faults import Text
from rhai.functions import Conversation, HostFunction
from rhai.outcome import Cost, Line, Outcome
from rhai.wire import Reply, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rhai.limits import Limits

AUTOPSY = "autopsy"
_GIVEN: Final = {"equip": "scope", "compile": "script", "evaluate": "variables", "call": "arguments"}


@dataclass(slots=True)
class Listeners:
    """Who hears what scripts print; nobody at first."""

    on_print: Callable[[str], object] | None = None
    on_debug: Callable[[str], object] | None = None

    def hear(self, lines: Sequence[object]) -> None:
        """Hand the lines of a finished run on, in their order."""
        for line in lines:
            if not isinstance(line, Line):
                continue
            listener = self.on_print if line.kind == "print" else self.on_debug
            if listener is not None:
                listener(line.text)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the runs of one script share."""

    text: Text
    functions: Mapping[str, HostFunction]
    listeners: Listeners
    before: tuple[tuple[str, bytes], ...]
    """The requests that led to the state in which the run starts."""
    diagnose: bool
    budget: Budget = field(default_factory=Budget)

    def conversation(self) -> Conversation | None:
        """Open the way to the host functions of one run."""
        return Conversation(self.functions) if self.functions else None


def checked(name: str, source: str, limits: Limits) -> tuple[str, str]:
    """Answer name and source, if they are Unicode text of a size that is taken."""
    try:
        size = len(source.encode())
        name.encode()
    except UnicodeEncodeError as error:
        message = (
            f"the text or its name holds a lone surrogate at character {error.start}: it is no Unicode text"
        )
        raise faults.error(faults.Fault("syntax", message), Text(name, "")) from None
    if size > limits.source_size:
        message = f"the text has {size:,} bytes: at most {limits.source_size:,} are taken"
        raise faults.error(faults.Fault("limit", message, limit="source_size"), Text(name, ""))
    return name, source


def settle(
    answer: wasmlane.Answer | wasmlane.Trapped,
    request: tuple[str, bytes],
    limits: Limits,
    talk: Conversation | None,
    around: Surroundings,
) -> tuple[Reply, wasmlane.Cost]:
    """Take an answer apart, or raise what went wrong."""
    operations = 0
    if isinstance(answer, wasmlane.Answer):
        parts = reply(answer.data)
        operations = parts.operations
        if parts.logs:
            around.listeners.hear(parts.logs)
        # What a script says of itself is no answer of the script.
        if not parts.failed and (request[0] == "compile" or len(parts.value) <= limits.output_size):
            return parts, answer.cost
        fault = faults.of_reply(parts, _GIVEN[request[0]]) if parts.failed else _too_large(limits)
    else:
        fault = faults.of_trap(answer, limits)
        around.listeners.hear(fault.logs)
    if talk is not None:
        fault = faults.as_host_failure(fault, talk.failure)
    answers = talk.heard() if talk is not None else ()
    if fault.placeless and around.diagnose and answers is not None and around.budget.take():
        fault = Rerun(around.before, *request, answers).place(fault, limits)
    raised = faults.error(faults.nearest(fault), around.text)
    raised.cost = _spent(answer.cost, operations or fault.operations, 0)
    raise raised


def _spent(cost: wasmlane.Cost, operations: int, output: int) -> Cost:
    return Cost(cost.fuel, operations, cost.memory, cost.elapsed_ms, cost.host_calls, output)


def _too_large(limits: Limits) -> faults.Fault:
    return faults.Fault(
        "limit", f"the answer is larger than {limits.output_size:,} bytes", limit="output_size"
    )


def outcome(value: object, parts: Reply, cost: wasmlane.Cost) -> Outcome[object]:
    """Put a finished run together."""
    return Outcome(value, _spent(cost, parts.operations, len(parts.value)), parts.logs, parts.dropped)
