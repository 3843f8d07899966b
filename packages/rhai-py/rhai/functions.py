"""Functions of the host that scripts may call as `module::name`."""

from __future__ import annotations

import inspect
import marshal
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rhai.errors import ConversionError, Refusal, RhaiError
from rhai.values import inward, outward, plain
from rhai.wire import host_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Rhai looks for a qualified function once for each combination of argument types: beyond this it gets slow.
_MOST_ARGUMENTS = 8
# Bytes of answers that one run keeps.
_MOST_KEPT = 4 * 1024 * 1024
_KEYWORDS = frozenset(re.split(r"\s+", """
    true false let const if else switch do while until loop for in continue break return throw try catch
    fn private import export as this eval
""".strip()))  # fmt: skip
# Words that Rhai keeps for later: allowed behind `::`, not before it.
_RESERVED = frozenset(re.split(r"\s+", """
    global Fn call curry type_of print debug is_shared is_def_var is_def_fn var static shared goto match
    case public protected new use with is module package super thread spawn go sync async await yield
    default void null nil
""".strip()))  # fmt: skip


@dataclass(frozen=True, slots=True)
class HostFunction:
    """One function, with the numbers of arguments it takes."""

    module: str
    name: str
    function: Callable[..., Any]
    least: int
    most: int

    @property
    def full_name(self) -> str:
        """Give the name that scripts use."""
        return f"{self.module}::{self.name}"


def described(module: str, name: str, function: Callable[..., Any]) -> HostFunction:
    """Check a function and read its signature."""
    for what, given, words in (("module", module, _KEYWORDS | _RESERVED), ("function", name, _KEYWORDS)):
        if not _NAME.fullmatch(given) or given in words:
            advice = "use letters, digits and _, and no word of the language"
            message = f"{given!r:.80} cannot name a {what} in Rhai: {advice}"
            raise ValueError(message)
    if not callable(function):
        message = f"{module}::{name} is registered with {function!r}, which cannot be called"  # type: ignore[unreachable]  # callers without types
        raise TypeError(message)
    least, most = _arity(f"{module}::{name}", function)
    return HostFunction(module, name, function, least, most)


def _arity(name: str, function: Callable[..., Any]) -> tuple[int, int]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return 0, _MOST_ARGUMENTS
    least = most = 0
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            most = _MOST_ARGUMENTS
        elif parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}:
            most += 1
            least += parameter.default is parameter.empty
        elif parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            message = f"{name} needs the keyword argument {parameter.name}: scripts have none"
            raise TypeError(message)
    if least > _MOST_ARGUMENTS:
        message = (
            f"{name} needs {least} arguments: at most {_MOST_ARGUMENTS} can be passed; take an object map"
        )
        raise TypeError(message)
    return least, min(most, _MOST_ARGUMENTS)


@dataclass(frozen=True, slots=True)
class Failure:
    """A host call that failed: the function's name, what the script was told, the exception."""

    function: str
    message: str
    error: Exception


@dataclass(slots=True)
class Conversation:
    """The host calls of one run: the bridge that wasmlane calls, and what went over it."""

    functions: Mapping[str, HostFunction]
    answers: list[bytes] = field(default_factory=list)
    """Kept so that the diagnosing run hears the same without calling anybody."""
    asked: list[str] = field(default_factory=list)
    """The function of each answer."""
    failures: dict[int, Failure] = field(default_factory=dict)
    kept: int = 0

    def __call__(self, module: str, name: str, data: bytes) -> bytes:
        """Answer one call; an exception becomes an error that the script may catch."""
        del module, name
        asked, tagged, arguments = host_request(data)
        try:
            given: Any = outward(arguments, tagged=tagged)
            value = self.functions[asked].function(*given)
            answer = b"\0" + inward(value, f"result of {asked}")
        except Exception as error:  # noqa: BLE001 - whatever a host function raises is the script's to see
            answer = b"\1" + self._failure(asked, error)
        self.kept += len(answer)
        # What was said is only kept for the diagnosing run: a script must not fill the host's memory with it.
        self.answers.append(answer if self.kept <= _MOST_KEPT else b"")
        self.asked.append(asked)
        return answer

    def heard(self) -> tuple[bytes, ...] | None:
        """Give every answer of the run, if all of them were kept."""
        return tuple(self.answers) if self.kept <= _MOST_KEPT else None

    def _failure(self, asked: str, error: Exception) -> bytes:
        number = len(self.answers)
        refused = isinstance(error, Refusal)
        said = (_words(error) if refused else f"{type(error).__name__}: {_words(error)}")[:1000]
        # A message may hold what Rhai cannot: a lone surrogate becomes a question mark.
        failure = Failure(asked, said.encode(errors="replace").decode(), error)
        self.failures[number] = failure
        told = {"error": "host", "function": asked, "message": failure.message, "call": number}
        return inward({**error.fields, **told} if isinstance(error, Refusal) else told)

    def failure(self, number: object) -> Failure | None:
        """Give what is known of a call that failed; words that a script threw are never taken for it."""
        if not isinstance(number, int) or not 0 <= number < len(self.answers):
            return None
        return self.failures.get(number) or self._unfit(self.asked[number], self.answers[number])

    def _unfit(self, asked: str, answer: bytes) -> Failure | None:
        """Recognise an answer that Python can write and the guest cannot hold: a set, a huge integer."""
        if not answer:
            return None
        try:
            plain(marshal.loads(answer[1:]), f"result of {asked}")  # noqa: S302 - these are our own bytes
        except ConversionError as error:
            return Failure(asked, f"ConversionError: {error.message}", error)
        return None


def _words(error: Exception) -> str:
    if isinstance(error, RhaiError):
        return error.message
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - an exception that cannot even be told must not end the bridge
        return "it cannot be told"


@dataclass(slots=True)
class Replay:
    """The same answers again, for the diagnosing run: it never reaches the host."""

    answers: list[bytes]
    used: int = 0

    def __call__(self, module: str, name: str, data: bytes) -> bytes:
        """Give the next recorded answer."""
        del module, name, data
        if self.used >= len(self.answers):
            # The first run ended before it asked this: so does the second.
            raise EOFError
        self.used += 1
        return self.answers[self.used - 1]
