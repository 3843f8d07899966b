"""`{"do": "profile", "name": …}`: switch the profile and tell the plugins; without a name only say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.errors.keeper import BadProfile
from neira.keeper import profile

if TYPE_CHECKING:
    from neira.keeper.keeper import Keeper
    from neira.model import JsonObject

KEYS = frozenset({"name"})
FUNCTION = "on_profile_switch"


def answer(keeper: Keeper, asked: JsonObject) -> JsonObject:
    """Switch, if another profile is named."""
    home = keeper.kernel.home
    if "name" not in asked:
        return {"profile": profile.current(home), "switched": False}
    name = asked["name"]
    if not isinstance(name, str):
        raise BadProfile(str(name))
    switched = profile.switch(home, name)
    if switched:
        keeper.hooks.broadcast(FUNCTION, [name])
    return {"profile": name, "switched": switched}
