"""The guest inside this package, and the one lane of this process that runs it."""

from __future__ import annotations

import functools
import importlib.resources
import os

import wasmlane
from wasmlane.cache import default_folder

# Inputs up to this size are written to a place that every image already has.
_RESERVE = 32 * 1024
# Making the engine is not a script's doing: its limits only keep a broken build from hanging.
_SETUP = wasmlane.Limits(fuel=2_000_000_000, timeout_ms=10_000)
_IMPORT = ("env", "host_call")


class GuestMissing(RuntimeError):
    """The package was installed without its engine."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"rhai was installed without its engine ({name}): "
            "install the wheel, or build the guest from the source folder with `make rhai-py`"
        )


@functools.cache
def lane() -> wasmlane.Lane:
    """Answer this process's lane; made at first use."""
    cache = default_folder(os.environ)  # noqa: TID251 - the place of caches is the user's own setting
    return wasmlane.Lane(wasmlane.Settings(cache=cache, imports=frozenset({_IMPORT})))


@functools.cache
def ordinary() -> wasmlane.Image:
    """Answer the engine as it stands before any script."""
    return _load("guest.wasm")


@functools.cache
def diagnosing() -> wasmlane.Image:
    """Answer the build that keeps the place of every step; loaded when a run first fails without one."""
    return _load("diagnose.wasm")


def _load(name: str) -> wasmlane.Image:
    file = importlib.resources.files("rhai") / "_guest" / name
    if not file.is_file():
        raise GuestMissing(name)
    return lane().load(file.read_bytes(), setup=("init",), reserve=_RESERVE, limits=_SETUP)
