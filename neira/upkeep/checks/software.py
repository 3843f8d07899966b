"""Checks of what Neira stands on: Python and the packages, and the clock of the machine."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from neira.journal import checkpoint
from neira.upkeep.finding import fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.upkeep.finding import Finding, Look

LEAST = {"gunicorn": 27, "wasmtime": 48}  # older wasmtime wheels have published advisories and get no fixes
BACKWARDS = 60.0  # seconds that the clock may be behind the journal before anybody is told
OLDEST_YEAR = 2025  # before this Neira was written no clock was right


def libraries(look: Look) -> Iterator[Finding]:
    """Look at the versions that matter for safety."""
    _ = look
    yield ok("python", platform.python_version())
    for package, least in LEAST.items():
        yield _package(package, least)
    if find_spec("yaml._yaml") is None:
        yield fail(
            "libyaml",
            "PyYAML was built without libyaml",
            "install the PyYAML wheel of your platform (pip install --force-reinstall pyyaml)",
        )
    else:
        yield ok("libyaml", f"PyYAML {version('pyyaml')} with libyaml")


def clock(look: Look) -> Iterator[Finding]:
    """Look whether time goes forward."""
    now = look.clock.now()
    _, last = checkpoint.last(look.home.journal)
    remedy = "set the clock (NTP): expiries, rates and the order of the journal's times depend on it"
    if now.year < OLDEST_YEAR:
        yield fail("clock", f"the machine believes it is {now:%Y-%m-%d}", remedy)
    elif last and (last.ts - now).total_seconds() > BACKWARDS:
        yield fail(
            "clock", f"the journal was last written at {last.ts.isoformat()}, which is yet to come", remedy
        )
    else:
        yield ok("clock", now.isoformat(timespec="seconds"))


def _package(name: str, least: int) -> Finding:
    try:
        found = version(name)
    except PackageNotFoundError:
        return fail(name, "is not installed", f"pip install '{name}>={least}'")
    if int(found.partition(".")[0]) < least:
        return warn(name, f"{found} is older than {least}", f"pip install --upgrade '{name}>={least}'")
    return ok(name, found)
