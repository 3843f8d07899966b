"""Rhai scripts: loaded once, each run a world of its own, host functions as `module::name`.

The only file that imports `rhai`. The kernel makes one engine a process; the hub loads and runs through it.
"""

from __future__ import annotations

import inspect
import platform
import sys
import threading
from dataclasses import fields
from importlib import metadata
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import rhai

from neira.errors.code import BadCode
from neira.model import Budget, Cost, HostCall, Kind, Outcome, Ran, RunError
from neira.ports import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from neira.model import Json
    from neira.ports import Host

_MOST_ARGUMENTS = 8  # that a script can pass to a host function


class RhaiEngine:
    """The script engine of one process."""

    kind = Kind.SCRIPT

    def __init__(self, functions: Iterable[tuple[str, int, int]], most: Budget) -> None:
        """Offer host functions, each with its least and greatest number of arguments."""
        self._running = _Running()
        self._engine = rhai.Engine(_limits(most))
        for name, least, greatest in functions:
            module, _, last = name.partition("::")
            self._engine.register(module, last, self._running.bridge(name, least, greatest))
        beneath = metadata.version("wasmtime")
        self.version = f"rhai-py {rhai.__version__}, wasmtime {beneath}, {sys.platform}-{platform.machine()}"

    def load(self, artifact: bytes, *, name: str, budget: Budget) -> RhaiProgram:
        """Compile a script; its top level runs once, without host functions."""
        try:
            script = self._engine.compile(artifact.decode(), name, limits=_limits(budget))
        except UnicodeDecodeError:
            raise BadCode(name, "it is not UTF-8 text") from None
        except rhai.RhaiError as error:
            raise BadCode(
                name, error.message, line=error.line, column=error.column, excerpt=error.excerpt
            ) from None
        return RhaiProgram(script, self._running)


class RhaiProgram:
    """One compiled script."""

    def __init__(self, script: rhai.Script, running: _Running) -> None:
        self._script = script
        self._running = running
        self.functions: Mapping[str, int] = MappingProxyType(
            {each.name: len(each.parameters) for each in script.functions if not each.private}
        )

    @property
    def host_calls(self) -> Sequence[HostCall]:
        """List the host functions that the text can reach."""
        return tuple(
            HostCall(name, places[0].line, places[0].column) if places else HostCall(name)
            for name, places in self._script.host_calls.items()
        )

    def run(
        self, function: str, arguments: Sequence[Json], host: Host, *, timeout_ms: int | None = None
    ) -> Ran:
        """Run one function; an error of any kind is an outcome."""
        limits = None if timeout_ms is None else rhai.Limits(timeout_ms=timeout_ms)
        hosts = self._running.hosts()
        hosts.append(host)
        try:
            done = self._script.run(function, *arguments, limits=limits)
        except rhai.RhaiError as error:
            return _failed(error)
        finally:
            hosts.pop()
        return Ran(Outcome.OK, _cost(done.cost), done.value, tuple(str(line) for line in done.logs))


class _Running:
    """Which host each thread's innermost run speaks to."""

    def __init__(self) -> None:
        self._local = threading.local()

    def hosts(self) -> list[Host]:
        """Give this thread's runs, innermost last."""
        found: list[Host] | None = getattr(self._local, "hosts", None)
        if found is None:
            found = self._local.hosts = []
        return found

    def bridge(self, name: str, least: int, greatest: int) -> Callable[..., Any]:
        """Make the function that scripts call: it hands the call to whoever hosts the run."""

        def call(*arguments: Any) -> Any:
            try:
                return self.hosts()[-1].call(name, arguments)
            except Refused as no:
                raise rhai.Refusal(no.message, code=no.code) from no

        return _with_arity(call, least, greatest)


def _with_arity(call: Callable[..., Any], least: int, greatest: int) -> Callable[..., Any]:
    """Say how many arguments there are: the engine looks for each number of them."""
    kind = inspect.Parameter.POSITIONAL_ONLY
    parameters = [
        inspect.Parameter(f"p{place}", kind, default=inspect.Parameter.empty if place < least else None)
        for place in range(min(greatest, _MOST_ARGUMENTS))
    ]
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it
    return call


def _limits(budget: Budget) -> rhai.Limits:
    return rhai.Limits(
        fuel=budget.fuel,
        timeout_ms=budget.timeout_ms,
        memory_mb=budget.memory_mb,
        output_size=budget.output_kb << 10,
        log_size=budget.logs_kb << 10,
        host_calls=budget.host_calls,
        operations=budget.operations,
    )


def _cost(cost: rhai.Cost | None) -> Cost:
    if cost is None:
        return Cost()
    us = round(cost.elapsed_ms * 1000)
    return Cost(cost.fuel, cost.operations, cost.memory, us, cost.host_calls, cost.output)


def _failed(error: rhai.RhaiError) -> Ran:
    outcome, told = _outcome(error)
    logs = tuple(str(line) for line in error.logs)
    return Ran(outcome, _cost(error.cost), logs=logs, error=told)


def _outcome(error: rhai.RhaiError) -> tuple[Outcome, RunError]:
    if isinstance(error, rhai.LimitError):
        return Outcome.LIMIT, _limit(error)
    outcome, code, message = Outcome.TRAP, "trap", error.message
    match error:
        case rhai.HostError() if isinstance(error.__cause__, rhai.Refusal):
            outcome, code = Outcome.DENIED, error.__cause__.fields.get("code", "denied")
        case rhai.HostError():
            outcome, code, message = Outcome.ERROR, "host_failed", "a host function could not do its work"
        case rhai.ConversionError() if error.path.startswith("arguments"):
            outcome, code = Outcome.ERROR, "bad_input"
        case rhai.ConversionError():
            outcome, code = Outcome.BAD_OUTPUT, "bad_output"
        case rhai.RuntimeError():
            outcome, code = Outcome.ERROR, f"script_{error.code}"
            message = _thrown(error.value) or message
    return outcome, RunError(code, message, error.line, error.column)


def _thrown(value: object) -> str | None:
    """Give the words of a thrown map, such as #{code: …, message: …}."""
    said = value.get("message") if isinstance(value, dict) else None
    return said[:_LONGEST] if isinstance(said, str) else None


_LONGEST = 2_000  # characters of what a script throws
_ASKED_AS = {"output_size": "output_kb"}
_OF_BUDGET = frozenset(field.name for field in fields(Budget))


def _limit(error: rhai.LimitError) -> RunError:
    """Say which limit it was, and where more can be asked for."""
    name = _ASKED_AS.get(error.limit, error.limit)
    more = f" (limits.{name} of the manifest; at most script.most_{name})" if name in _OF_BUDGET else ""
    return RunError("limit", f"{error.message}{more}", error.line, error.column, limit=name)
