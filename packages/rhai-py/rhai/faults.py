"""From what came back to the error that is raised."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from rhai import errors
from rhai.errors import Frame, Place, Story
from rhai.source import excerpt
from rhai.values import outward
from rhai.wire import Reply, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wasmlane import Trapped

    from rhai.functions import Failure
    from rhai.limits import Limits


@dataclass(frozen=True, slots=True)
class Text:
    """A script as it was written."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A failed run before it becomes an exception: the diagnosing run may still find its place."""

    kind: str
    message: str
    place: Place = field(default_factory=Place)
    limit: str = ""
    value: object = None
    path: str = ""
    trace: tuple[Frame, ...] = ()
    logs: tuple[object, ...] = ()
    cause: BaseException | None = None
    operations: int = 0
    """How far the run had come when it was stopped."""

    @property
    def placeless(self) -> bool:
        """Tell whether nobody knows yet where it happened, and it has a place at all."""
        return (
            self.place.line is None and self.kind not in {"conversion", "ended"} and self.limit != "nesting"
        )


_STOPPED: Final[Mapping[str, tuple[str, str]]] = {
    "fuel": ("fuel", "the script used up its fuel of {0.fuel:,}"),
    "time": ("timeout_ms", "the script ran longer than {0.timeout_ms:g} ms"),
    "memory": ("memory_mb", "the script needs more than its {0.memory_mb:g} MB of memory"),
    "alloc": ("memory_mb", "the values do not fit into {0.memory_mb:g} MB of memory"),
    "stack": ("stack", "the script nests calls or values too deep for the stack"),
    "bounds": ("stack", "the script nests calls or values too deep for the stack"),
    "output": ("output_size", "the answer is larger than {0.output_size:,} bytes"),
    "host_calls": ("host_calls", "the script called host functions more than {0.host_calls:,} times"),
    "nesting": ("nesting", "scripts call scripts through host functions more than {0.nesting} deep"),
}
_HOSTS_ANSWER: Final = "the host's answer"
_FROM_OUTSIDE: Final = frozenset({"fuel", "timeout_ms"})


def of_reply(answer: Reply, given: str = "arguments") -> Fault:
    """Read the error that a guest wrote; `given` says what it was given."""
    story: dict[str, Any] = json.loads(answer.value)
    kind: str = story["kind"]
    place = Place(
        source_name=story.get("source", ""),
        line=story["line"] or None,
        column=story["column"] or None,
        function=story.get("function", ""),
    )
    value = story.get("value")
    if story.get("tagged"):
        value = outward(json.dumps(value), tagged=True)
    path = _told_path(story, given)
    message = f"{story['message']} (at {path})" if kind == "conversion" else story["message"]
    trace = tuple(
        Frame(name, source, line or None, column or None)
        for name, source, line, column in story.get("trace", ())
    )
    return Fault(kind, message, place, story["limit"], value, path, trace, answer.logs)


def _told_path(story: Mapping[str, Any], given: str) -> str:
    if story["kind"] != "conversion":
        return ""
    side = "result" if story["direction"] == "out" else given
    return f"{side}{story['path']}"


def of_trap(trapped: Trapped, limits: Limits) -> Fault:
    """Read what a run left that was stopped."""
    if trapped.cause is not None and isinstance(trapped.cause, errors.RhaiError):
        return Fault("host", str(trapped.cause), cause=trapped.cause)
    if str(trapped.kind) == "ended":
        return Fault(
            "ended", "an earlier call was stopped by a limit and ended this session: reset() starts again"
        )
    seen = reply(trapped.autopsy) if trapped.autopsy else None
    known: dict[str, Any] = json.loads(seen.value) if seen else {}
    logs = seen.logs if seen else ()
    place = Place(
        known.get("source", ""),
        known.get("line") or None,
        known.get("column") or None,
        known.get("function", ""),
    )
    kind = (
        "memory"
        if known.get("exhausted") or "capacity overflow" in known.get("panic", "")
        else str(trapped.kind)
    )
    if kind in _STOPPED:
        limit, words = _STOPPED[kind]
        message = trapped.message if trapped.message.startswith(_HOSTS_ANSWER) else words.format(limits)
        place = replace(place, near=limit in _FROM_OUTSIDE)
        return Fault("limit", message, place, limit, logs=logs, operations=seen.operations if seen else 0)
    words = known.get("panic") or trapped.message
    return Fault("internal", f"the engine stopped: {words}", place, logs=logs)


def as_host_failure(fault: Fault, failure: Callable[[object], Failure | None]) -> Fault:
    """Recognise an error that a host function raised and that the script let through."""
    thrown = fault.value
    if fault.kind != "thrown" or not isinstance(thrown, dict) or thrown.get("error") != "host":
        return fault
    known = failure(thrown.get("call"))
    if known is None:
        return fault
    return replace(fault, kind="host", message=f"{known.function}: {known.message}", cause=known.error)


def nearest(fault: Fault) -> Fault:
    """Where nobody knows the place, the innermost call that led there is near it."""
    if not fault.placeless:
        return fault
    frame = next((frame for frame in reversed(fault.trace) if frame.line is not None), None)
    if frame is None:
        return fault
    place = replace(
        fault.place, source_name=frame.source_name, line=frame.line, column=frame.column, near=True
    )
    return replace(fault, place=place)


def error(fault: Fault, text: Text) -> errors.RhaiError:
    """Make the exception."""
    place = fault.place
    if not place.source_name and (place.line is not None or text.name):
        place = replace(place, source_name=text.name)
    inside = place.source_name == text.name
    look = excerpt(text.source, place.line, place.column) if inside else ""
    code = f"limit_{fault.limit}" if fault.kind == "limit" else fault.kind
    story = Story(code, _tellable(fault.message), place, look, fault.trace, fault.logs)
    made = _of_kind(fault, story)
    made.__cause__ = fault.cause
    return made


def _tellable(message: str) -> str:
    """Take the teeth out of what a script threw: line ends and escape sequences could forge a log."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in message)


def _of_kind(fault: Fault, story: Story) -> errors.RhaiError:
    match fault.kind:
        case "syntax":
            return errors.SyntaxError(story)
        case "limit":
            return errors.LimitError(story, fault.limit)
        case "conversion":
            return errors.ConversionError(story, fault.path)
        case "host":
            return errors.HostError(story)
        case "internal":
            return errors.InternalError(story)
        case _:
            return errors.RuntimeError(story, fault.value)
