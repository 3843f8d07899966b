"""A script below the typed face: its image, and the requests that the face would send."""

from __future__ import annotations

import importlib.resources
from typing import TYPE_CHECKING

import wasmlane
from rhai import Limits
from rhai.values import inward
from rhai.wire import call_head, equipment, program

from measure.workload import source

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS = Limits()
WALL = LIMITS.wall()
# Compiling the engine without a cache, and its first steps, take longer than any script may.
_SETUP = wasmlane.Limits(fuel=2_000_000_000, timeout_ms=10_000)
_RESERVE = 32 * 1024


def image(lane: wasmlane.Lane, script: str) -> wasmlane.Image:
    """Load the guest into a lane and compile a script there."""
    module = (importlib.resources.files("rhai") / "_guest" / "guest.wasm").read_bytes()
    loaded = lane.load(module, setup=("init",), reserve=_RESERVE, limits=_SETUP)
    equipped = _next(loaded, "equip", equipment(LIMITS, (), {}, {}))
    return _next(equipped, "compile", program(LIMITS, script, source(script)))


def request(function: str, *arguments: Mapping[str, object]) -> bytes:
    """Write a call."""
    return call_head(LIMITS, function, as_json=False) + inward(arguments, "arguments")


def called(callee: wasmlane.Image | wasmlane.Live, sent: bytes) -> wasmlane.Answer:
    """Call and insist on an answer."""
    answer = callee.call("call", sent, limits=WALL)
    assert isinstance(answer, wasmlane.Answer), answer
    return answer


def _next(image: wasmlane.Image, export: str, data: bytes) -> wasmlane.Image:
    made = image.advance(export, data, limits=WALL)
    assert not isinstance(made, wasmlane.Trapped), made
    return made[1]
