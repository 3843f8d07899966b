"""`neira doctor`: look at everything a home stands on, and say what to do.

A check that cannot even look is a finding too; one that another depends on comes first, and what cannot be
looked at without it is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors import NeiraError
from neira.upkeep.checks import facts, files, software
from neira.upkeep.finding import Finding, Look, Progress, State, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from neira.home import Home
    from neira.ports import Clock

    Check = Callable[[Look], Iterator[Finding]]

# In the order in which they are shown. Each tier is left out while something in the one before has failed.
TIERS: tuple[tuple[tuple[str, Check], ...], ...] = (
    (("software", software.libraries), ("home", files.is_home)),
    (
        ("settings", facts.settings),
        ("writing", files.writable),
        ("permissions", files.private_files),
        ("disk", files.room),
        ("clock", software.clock),
        ("locks", files.locks),
        ("keys", files.signing_key),
        ("gates", facts.gates),
        ("safe mode", facts.safe_mode),
        ("journal", facts.journal),
    ),
    (("index", facts.projections), ("stores", facts.stores)),
)


def examine(home: Home, *, clock: Clock, progress: Progress) -> tuple[Finding, ...]:
    """Run every check and return what was found."""
    look = Look(home, clock, progress)
    found: list[Finding] = []
    for tier in TIERS:
        if any(each.state is State.FAIL for each in found):
            break
        for name, check in tier:
            found += _carefully(name, check, look)
    return tuple(found)


def _carefully(name: str, check: Check, look: Look) -> list[Finding]:
    try:
        return list(check(look))
    except NeiraError as error:
        return [fail(name, error.sentence, error.hint)]
    except OSError as error:
        words = "look at the disk and at the rights on the home"
        return [fail(name, f"cannot be looked at: {error.strerror or type(error).__name__}", words)]
