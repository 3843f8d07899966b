"""Other languages inside Python, each used as its documentation does: dict in, dict out, fresh state."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from measure.workload import source

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Event = dict[str, Any]
    Handle = Callable[[Event], Any]


@dataclass(frozen=True, slots=True)
class Peer:
    """Another language; `limit` is how much of its time a call of ours may take."""

    package: str
    name: str
    prepare: Callable[[ModuleType], Handle]
    isolation: str
    limit: float


def _starlark(package: ModuleType) -> Handle:
    module = package.Module()
    package.eval(module, package.parse("pencil.star", source("pencil.star")), package.Globals.standard())
    frozen = module.freeze()
    return lambda event: frozen.call("handle", event)


def _quickjs(package: ModuleType) -> Handle:
    text = source("pencil.js")

    def handle(event: Event) -> Any:
        context = package.Context()
        context.eval(text)
        answer = context.get("handle")(context.parse_json(json.dumps(event)))
        return json.loads(answer.json())

    return handle


def _dukpy(package: ModuleType) -> Handle:
    text = source("pencil.js") + "handle(dukpy.event)"
    return lambda event: package.evaljs(text, event=event)


def _mini_racer(package: ModuleType) -> Handle:
    text = source("pencil.js")

    def handle(event: Event) -> Any:
        with package.MiniRacer() as isolate:
            isolate.eval(text)
            return isolate.call("handle", event)

    return handle


def _lua(package: ModuleType) -> Handle:
    text = source("pencil.lua")

    def handle(event: Event) -> Any:
        runtime = package.LuaRuntime()
        runtime.execute(text)
        return _from_lua(
            runtime.globals().handle(runtime.table_from(event, recursive=True)), package.lua_type
        )

    return handle


def _from_lua(value: Any, kind: Callable[[Any], str | None]) -> Any:
    """Copy a table: lupa leaves this to its user, and Lua has one type for lists and maps."""
    if kind(value) != "table":
        return value
    if len(value):
        return [_from_lua(item, kind) for item in value.values()]
    return {key: _from_lua(held, kind) for key, held in value.items()}


PEERS = (
    Peer("starlark", "starlark-pyo3, frozen module", _starlark, "frozen globals", 1),
    Peer("quickjs", "quickjs, new context", _quickjs, "own heap, C in the process", 1),
    Peer("dukpy", "dukpy, new interpreter", _dukpy, "own heap, C in the process", 1),
    Peer("py_mini_racer", "mini-racer, new isolate", _mini_racer, "V8 isolate in the process", 1),
    Peer("lupa.lua54", "lupa, new Lua 5.4 runtime", _lua, "own state, no limits, C in the process", 1.25),
)


def handles() -> tuple[dict[Peer, Handle], list[Peer]]:
    """Prepare those that are installed, and name the others."""
    found: dict[Peer, Handle] = {}
    missing = []
    for peer in PEERS:
        try:
            package = importlib.import_module(peer.package)
        except ImportError:
            missing.append(peer)
        else:
            found[peer] = peer.prepare(package)
    return found, missing
