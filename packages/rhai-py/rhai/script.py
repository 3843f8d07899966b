"""A compiled script: what it says of itself, and how its functions are called."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rhai import faults
from rhai.errors import Place
from rhai.outcome import Line, Outcome
from rhai.run import AUTOPSY, Surroundings, outcome, settle
from rhai.session import Session
from rhai.source import Comments
from rhai.values import inward, outward
from rhai.wire import Reply, call_head

if TYPE_CHECKING:
    from collections.abc import Mapping

    import wasmlane

    from rhai.limits import Limits


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a script defines."""

    name: str
    parameters: tuple[str, ...]
    doc: str
    line: int
    private: bool

    def __str__(self) -> str:
        """Write it as the script would."""
        return f"{self.name}({', '.join(self.parameters)})"


@dataclass(frozen=True, slots=True)
class About:
    """What the syntax tree says."""

    functions: tuple[Function, ...]
    host_calls: Mapping[str, tuple[Place, ...]]
    imports: tuple[str, ...]
    logs: tuple[Line, ...]

    @classmethod
    def read(cls, parts: Reply, text: faults.Text) -> About:
        """Read what the guest wrote."""
        told: dict[str, Any] = json.loads(parts.value)
        comments = Comments(text.source)
        functions = [
            Function(name, tuple(parameters), comments.above(name, place[0]), place[0], private)
            for name, private, place, *parameters in told["functions"]
        ]
        calls = {
            name: tuple(
                sorted((Place(text.name, *at) for at in places), key=lambda place: (place.line, place.column))
            )
            for name, places in sorted(told["host_calls"].items())
        }
        ordered = tuple(sorted(functions, key=lambda function: (function.line, function.name)))
        return cls(ordered, calls, tuple(path for path, _ in told["imports"]), parts.logs)


class Script:
    """A script, compiled: every call starts from the state that compiling left, and leaves nothing behind.

    Any number of threads may call it at once, and so may the children of a fork.
    """

    __slots__ = ("_around", "_callable", "_heads", "_image", "_limits", "_wall", "about")

    def __init__(self, image: wasmlane.Image, limits: Limits, around: Surroundings, about: About) -> None:
        self._image = image
        self._limits = limits
        self._wall = limits.wall()
        self._around = around
        self._heads: dict[tuple[str, bool], bytes] = {}
        self._callable: set[tuple[str, int | None]] = {
            (f.name, len(f.parameters)) for f in about.functions if not f.private
        }
        self._callable |= {(name, None) for name, _ in self._callable}
        self.about = about

    @property
    def name(self) -> str:
        """The name it was compiled under."""
        return self._around.text.name

    @property
    def source(self) -> str:
        """The text it was compiled from."""
        return self._around.text.source

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions it defines, in the order of the text."""
        return self.about.functions

    @property
    def host_calls(self) -> Mapping[str, tuple[Place, ...]]:
        """The host functions that its text can reach, each with the places of the calls."""
        return self.about.host_calls

    @property
    def imports(self) -> tuple[str, ...]:
        """The paths that it imports."""
        return self.about.imports

    @property
    def logs(self) -> tuple[Line, ...]:
        """What its top level printed when it was compiled."""
        return self.about.logs

    @property
    def size(self) -> int:
        """Bytes kept for this script alone, its text not counted."""
        return self._image.size

    def call(self, function: str, *args: object, limits: Limits | None = None) -> Any:
        """Call one function and answer its value.

        >>> import rhai
        >>> rhai.Engine().compile("fn add(a, b) { a + b }").call("add", 40, 2)
        42
        """
        parts, _ = self._run(function, len(args), inward(args, "arguments"), limits)
        return outward(parts.value.decode(), tagged=parts.tagged)

    def run(self, function: str, *args: object, limits: Limits | None = None) -> Outcome[Any]:
        """Call one function and answer its value with what it cost and printed.

        >>> import rhai
        >>> done = rhai.Engine().compile('fn hello(who) { print("hi " + who); who.len }').run("hello", "Anna")
        >>> done.value, str(done.logs[0])
        (4, 'hi Anna')
        """
        parts, cost = self._run(function, len(args), inward(args, "arguments"), limits)
        return outcome(outward(parts.value.decode(), tagged=parts.tagged), parts, cost)

    def call_json(self, function: str, arguments: bytes, *, limits: Limits | None = None) -> bytes:
        """Call one function with a JSON array of arguments and answer JSON: for those who hold JSON already.

        >>> import rhai
        >>> rhai.Engine().compile("fn add(a, b) { a + b }").call_json("add", b"[40, 2]")
        b'42'
        """
        parts, _ = self._run(function, None, arguments, limits)
        return parts.value

    def run_json(self, function: str, arguments: bytes, *, limits: Limits | None = None) -> Outcome[bytes]:
        """Do as `call_json`, and answer what it cost and printed too."""
        parts, cost = self._run(function, None, arguments, limits)
        done = outcome(parts.value, parts, cost)
        return Outcome(parts.value, done.cost, done.logs, done.dropped)

    def session(self, *, limits: Limits | None = None) -> Session:
        """Open a world of its own that keeps its state from call to call."""
        kept = self._limits if limits is None else self._limits.tightened(limits)
        return Session(self._image, kept, self._around)

    def _run(
        self, function: str, count: int | None, arguments: bytes, limits: Limits | None
    ) -> tuple[Reply, wasmlane.Cost]:
        if (function, count) not in self._callable:
            raise self._unknown(function, count)
        kept, wall = self._limits, self._wall
        if limits is not None:
            kept = kept.tightened(limits)
            wall = kept.wall()
        data = self._head(function, kept, as_json=count is None) + arguments
        talk = self._around.conversation()
        answer = self._image.call("call", data, limits=wall, host=talk, autopsy=AUTOPSY)
        return settle(answer, ("call", data), kept, talk, self._around)

    def _head(self, function: str, limits: Limits, *, as_json: bool) -> bytes:
        if limits is not self._limits:
            return call_head(limits, function, as_json=as_json)
        key = (function, as_json)
        known = self._heads.get(key)
        if known is None:
            known = self._heads[key] = call_head(limits, function, as_json=as_json)
        return known

    def _unknown(self, function: str, count: int | None) -> Exception:
        known = ", ".join(str(f) for f in self.functions if not f.private) or "none"
        wanted = "" if count is None else f" with {count} parameters"
        message = f"there is no function {function!r:.80}{wanted}; the script has: {known:.500}"
        return faults.error(faults.Fault("no_function", message), self._around.text)

    def __repr__(self) -> str:
        """Name it and its functions."""
        return f"<Script {self.name!r}: {', '.join(map(str, self.functions))}>"

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to travel: its host functions cannot, and a stranger's image must never be loaded."""
        message = (
            "a Script cannot be pickled: send its source and compile it there; after a fork it works as it is"
        )
        raise TypeError(message)
