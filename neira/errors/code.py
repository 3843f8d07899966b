"""Code that cannot be a plugin: refused when it is registered, with the place in its text."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from neira.errors.base import Fault, NeiraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neira.model import Json, Kind, PluginId, RunError

_SHOWN = 600  # characters of an engine's own words


def _at(line: int | None, column: int | None) -> str:
    if line is None:
        return ""
    return f"line {line}: " if column is None else f"line {line}, column {column}: "


class BadCode(NeiraError):
    """Code that its engine cannot read."""

    code = "bad_code"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(
        self,
        name: str,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        excerpt: str = "",
    ) -> None:
        super().__init__(
            f"{name} does not compile: {_at(line, column)}{message[:_SHOWN]}",
            hint="correct that place and send it again",
            details={"line": line, "column": column, "excerpt": excerpt[:_SHOWN]},
        )


class NothingToCall(NeiraError):
    """Code that no event could call."""

    code = "no_handler"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, plugin: PluginId, wanted: str, functions: Sequence[str]) -> None:
        has = ", ".join(functions[:20]) or "none"
        super().__init__(
            f"{plugin} has no function {wanted}, which its events would call",
            hint=f"define {wanted}; the code has: {has}",
            details={"plugin": plugin, "wanted": wanted, "functions": list(functions[:100])},
        )


class UnknownHostFunction(NeiraError):
    """Code that calls a host function which does not exist."""

    code = "unknown_host_function"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, function: str, line: int | None, suggestion: str | None) -> None:
        guess = f"did you mean {suggestion}? " if suggestion else ""
        super().__init__(
            f"{_at(line, None)}there is no host function {function[:80]}",
            hint=f"{guess}docs/host-functions.md lists them all",
            details={
                "function": function[:200],
                "line": line,
                "suggestions": [suggestion] if suggestion else [],
            },
        )


class PermissionMissing(NeiraError):
    """Code that calls a host function for which its manifest asks no permission."""

    code = "permission_missing"
    status = HTTPStatus.BAD_REQUEST
    fault = Fault.INVALID

    def __init__(self, function: str, permission: str, line: int | None) -> None:
        super().__init__(
            f"{_at(line, None)}{function} needs {permission}, which the manifest does not ask for",
            hint=f'add "{permission}" to `permissions` in the manifest, or leave the call out',
            details={"function": function, "permission": permission, "line": line},
        )


class InitFailed(NeiraError):
    """A version whose `on_init` did not end well, and which therefore was not switched live."""

    code = "init_failed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    fault = Fault.INVALID

    def __init__(self, plugin: PluginId, version: str, outcome: str, error: RunError | None) -> None:
        why = f": {_at(error.line, error.column)}{error.message[:_SHOWN]}" if error else ""
        told: Json = None if error is None else error.as_json()
        super().__init__(
            f"on_init of {plugin} {version} ended with {outcome}{why}",
            hint="nothing was changed; correct on_init and send it again",
            details={"plugin": plugin, "version": version, "outcome": outcome, "error": told},
        )


class NoEngine(NeiraError):
    """A kind of plugin that nothing here can run yet."""

    code = "no_engine"
    status = HTTPStatus.CONFLICT
    fault = Fault.UNAVAILABLE

    def __init__(self, kind: Kind) -> None:
        super().__init__(
            f"no engine for the kind {kind} is built in",
            hint="plugins of this kind can be registered; they cannot run yet",
            details={"kind": kind},
        )
