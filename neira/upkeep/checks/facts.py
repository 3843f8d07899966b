"""Checks of what a home says: settings, gates, journal, safe mode, and what is derived from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.gates import catalogue, safe_mode_file
from neira.gates.safe_mode import remedy
from neira.kernel import Kernel
from neira.settings import load
from neira.upkeep.finding import fail, ok, warn
from neira.upkeep.soundness import sentence, verified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neira.upkeep.finding import Finding, Look


def settings(look: Look) -> Iterator[Finding]:
    """Look whether the settings can be read."""
    load(look.home.root)
    yield ok("settings", "every setting is known and within its bounds")


def gates(look: Look) -> Iterator[Finding]:
    """Look whether gates.yaml can be used."""
    known = catalogue.of_home(look.home.root)
    yield ok("gates", f"{len(known.gates)} gates")


def journal(look: Look) -> Iterator[Finding]:
    """Verify the whole journal."""
    found = verified(look.home, look.clock, look.progress)
    if found.damage is None:
        yield ok("journal", sentence(found))
    elif found.damage.is_mended_at_start:
        yield warn("journal", sentence(found), "the next start or change mends it, and says so in a record")
    else:
        words = "copy the folder as it is, then restore the last backup; nothing is repaired silently"
        yield fail("journal", sentence(found), words)


def safe_mode(look: Look) -> Iterator[Finding]:
    """Name every reason for which the home is in safe mode."""
    mode = safe_mode_file.read(look.home.root, env=load(look.home.root).safe.mode)
    for reason, why in mode.reasons.items():
        yield warn("safe mode", f"{reason}: {why}", f"{remedy(reason)}; then `neira safe-mode off`")
    if not mode.active:
        yield ok("safe mode", "off")


def projections(look: Look) -> Iterator[Finding]:
    """Hold the files that are derived from the journal against it."""
    with Kernel.open(look.home.root, load(look.home.root), clock=look.clock) as kernel:
        faults = kernel.projections.read().faults
    for fault in faults:
        yield fail("index", fault, "run `neira registry rebuild`; the journal says what is true")
    if not faults:
        yield ok("index", "registry, gates and tokens say what the journal says")


def stores(look: Look) -> Iterator[Finding]:
    """Look at what plugins have stored: whether the database is sound, and nothing is late."""
    with Kernel.open(look.home.root, load(look.home.root), clock=look.clock) as kernel:
        flaw, late = kernel.movement.database.flaw(), kernel.movement.doubts()
    if flaw is not None:
        words = (
            "stop the server and remove .neira/state.sqlite; the next start makes it anew from the journal"
        )
        yield fail("stores", f"state.sqlite: {flaw}", words)
    for doubt in late:
        yield warn("stores", doubt, "make room or rights as it says; what is committed is written then")
    if flaw is None and not late:
        yield ok("stores", "values, tasks and saved items are as the journal says")
