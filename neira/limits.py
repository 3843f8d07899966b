"""How much one run may use: what the manifest asks, bounded by the settings' ceilings; a clamp is reported.

The registry asks when a plugin is registered (for its notes), the hub when it makes a generation live.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from neira.model import Budget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.model import JsonObject
    from neira.settings import ScriptSettings


@dataclass(frozen=True, slots=True)
class Clamp:
    """A limit that was asked for and is more than its ceiling."""

    limit: str
    asked: int
    given: int

    def __str__(self) -> str:
        return f"limits.{self.limit}: {self.asked} was asked for, the ceiling is {self.given}"


@dataclass(frozen=True, slots=True)
class Allotment:
    """The budget of a plugin's runs, and what it had to do without."""

    budget: Budget
    clamps: tuple[Clamp, ...] = ()


def allot(manifest: JsonObject, settings: ScriptSettings, *, on_trial: bool) -> Allotment:
    """Work out what a script may use; the ceilings are lower while its gate is on trial."""
    asked = cast("Mapping[str, Any]", manifest.get("limits", {}))
    given: dict[str, int] = {}
    clamps: list[Clamp] = []
    for limit in (field.name for field in fields(Budget)):
        most: int = getattr(settings, f"most_{limit}")
        if on_trial:
            most = min(most, getattr(settings, f"trial_{limit}"))
        wanted = int(asked.get(limit, min(getattr(settings, limit), most)))
        given[limit] = min(wanted, most)
        if wanted > most:
            clamps.append(Clamp(limit, wanted, most))
    return Allotment(Budget(**given), tuple(clamps))


def most(settings: ScriptSettings) -> Budget:
    """Give the ceilings."""
    return Budget(**{field.name: getattr(settings, f"most_{field.name}") for field in fields(Budget)})


def tick_ms(manifest: JsonObject, settings: ScriptSettings) -> int:
    """Say how long one tick or lifecycle call may take."""
    tick = cast("Mapping[str, Any]", manifest.get("tick", {}))
    return min(int(tick.get("limit_ms", settings.tick_ms)), settings.most_timeout_ms)
