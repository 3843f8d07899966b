"""What a running plugin speaks to: reads are answered and recorded, writes become actions.

The hub makes one for each run. A writing host function appends the same action that the plugin could have
returned, so that nothing has happened when the run ends badly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from neira.host.action import Asked
from neira.model import Allowed, Denied
from neira.ports import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neira.host.action import Action
    from neira.host.catalogue import Catalogue
    from neira.host.situation import Situation
    from neira.model import GateName, Json


class Judge(Protocol):
    """Who says whether a power may be used now."""

    def power(self, permission: str) -> Allowed | Denied:
        """Ask every authority in turn."""
        ...

    def gate(self, gate: GateName) -> bool:
        """Tell whether a gate lets effects through."""
        ...

    def brake(self) -> bool:
        """Tell whether this caller's runs may have no effects at all now."""
        ...


class RunHost:
    """The host of one run."""

    def __init__(self, catalogue: Catalogue, situation: Situation, judge: Judge, *, most: int) -> None:
        self._catalogue = catalogue
        self._judge = judge
        self._most = most
        self.situation = situation
        self.actions: list[Asked] = []
        self.answers: list[Mapping[str, Json]] = []
        self.refused: Refused | None = None  # the first no; after it the run may not end well with effects

    def call(self, function: str, arguments: Sequence[Json]) -> Json:
        """Answer one host call."""
        try:
            return self._call(function, arguments)
        except Refused as no:
            self.refused = self.refused or no
            raise

    def ask(self, name: object, params: object) -> None:
        """Take an action that the plugin returned."""
        action = self._catalogue.actions.get(name) if isinstance(name, str) else None
        if action is None:
            raise Refused("unknown_action", f"there is no action {str(name)[:80]}")
        if not isinstance(params, dict):
            raise Refused("bad_params", f"{action.name}: params has to be an object")
        self._append(action, params)

    def _call(self, function: str, arguments: Sequence[Json]) -> Json:
        reading = self._catalogue.reading.get(function)
        if reading is None:
            action, spelling = self._catalogue.writing[function]
            self._append(action, dict(spelling.params(arguments)))
            return None
        self._permitted(reading.permission)
        answer = reading.answer(arguments, self.situation)
        self.answers.append({"function": function, "arguments": list(arguments), "answer": answer})
        return answer

    def _append(self, action: Action, params: dict[str, Json]) -> None:
        if len(self.actions) >= self._most:
            raise Refused("too_many_actions", f"one run asks for at most {self._most} actions")
        if self._judge.brake():
            raise Refused("safe_mode_active", f"{action.name}: safe mode leaves effects to admins alone")
        if action.gate is not None and not self._judge.gate(action.gate):
            message = f"{action.name}: the capability {action.gate} is not open"
            raise Refused("capability_disabled", message, capability=action.gate)
        self._catalogue.check_form(action, params)
        self._permitted(action.needs(params))
        action.check(params, self.situation)
        self.actions.append(Asked(action, params))

    def _permitted(self, permission: str | None) -> None:
        if permission is None:
            return
        match self._judge.power(permission):
            case Denied(reason, what):
                raise Refused(reason, f"{what} is not allowed here ({reason.replace('_', ' ')})")
            case Allowed():
                return
