"""Whether code can be a plugin: it loads, it has what its events call, and it may call what it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors.code import NothingToCall, PermissionMissing, UnknownHostFunction
from neira.hub.delivery import HANDLER
from neira.hub.generation import is_on_trial
from neira.hub.lifecycle import HOOKS
from neira.limits import allot
from neira.parse.near import nearest
from neira.permissions.permission import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.changes.plan import Means
    from neira.host.catalogue import Catalogue
    from neira.ports import Program
    from neira.registry.manifest import Manifest
    from neira.world.world import World


def check_code(manifest: Manifest, data: bytes, world: World, means: Means) -> tuple[str, ...]:
    """Refuse code that cannot run as its manifest says; return what its author should know."""
    kind = manifest.kind
    if kind not in means.generations.engines:
        return ()
    on_trial = is_on_trial(kind, world.gates)
    allotment = allot(manifest.canonical, means.settings.script, on_trial=on_trial)
    name = (manifest.entry or manifest.id).rpartition("/")[2]
    program = means.generations.load(data, kind=kind, name=name, budget=allotment.budget)
    _check_handler(manifest, program)
    _check_calls(manifest, program, means.host)
    return (*map(str, allotment.clamps), *_idle(program), *_unused(manifest, program, means.host))


def _check_handler(manifest: Manifest, program: Program) -> None:
    """Refuse code that lacks what its events or its ticks would call."""
    has = program.functions.keys()
    if manifest.events and HANDLER not in has:
        raise NothingToCall(manifest.id, f"{HANDLER}(event)", sorted(has))
    if "tick" in manifest.canonical and "on_tick" not in has:
        raise NothingToCall(manifest.id, "on_tick(interval_ms)", sorted(has))


def _check_calls(manifest: Manifest, program: Program, host: Catalogue) -> None:
    asked = [parse(text) for text in manifest.permissions]
    for call in program.host_calls:
        if not host.knows(call.function):
            known = [each.name for each in host.functions()]
            raise UnknownHostFunction(call.function, call.line, nearest(call.function, known))
        permission = host.permission_of(call.function)
        if permission is not None and all(each.row.name != permission for each in asked):
            raise PermissionMissing(call.function, permission, call.line)


def _idle(program: Program) -> Iterator[str]:
    if not program.functions.keys() & {HANDLER, *HOOKS}:
        yield f"nothing calls this code: it defines neither {HANDLER} nor one of {', '.join(HOOKS)}"


def _unused(manifest: Manifest, program: Program, host: Catalogue) -> Iterator[str]:
    """Name permissions that no host call needs; returned actions may need them all the same."""
    used = {host.permission_of(call.function) for call in program.host_calls}
    returnable = {each.permission.partition(":{")[0] for each in host.actions.values() if each.permission}
    for text in manifest.permissions:
        row = parse(text).row.name
        if row not in used and row not in returnable and row != "events:subscribe":
            yield f"permission {text} is asked for, and nothing in the code uses it"
