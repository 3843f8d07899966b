"""Finding the place of a failure that has none: the run is repeated in the build that watches every step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import wasmlane

from rhai import faults, guest
from rhai.functions import Replay
from rhai.wire import reply, stopping_at

if TYPE_CHECKING:
    from rhai.faults import Fault
    from rhai.limits import Limits

# The watching build is slower: it gets more of everything, or it would stop before the place.
_MORE = 4


@dataclass(frozen=True, slots=True)
class Rerun:
    """All that is needed to repeat a run: the steps before it, then the step that failed."""

    before: tuple[tuple[str, bytes], ...]
    export: str
    data: bytes
    answers: tuple[bytes, ...] = ()

    def place(self, fault: Fault, limits: Limits) -> Fault:
        """Answer the fault with its place, if the second run ends in the same way."""
        try:
            seen = self._again(limits, fault)
        except wasmlane.LaneError:
            return fault  # a thread too small for one guest more
        if seen is None or seen.place.line is None or not _alike(seen, fault):
            return fault
        return replace(fault, place=replace(seen.place, near=fault.place.near))

    def _again(self, limits: Limits, fault: Fault) -> Fault | None:
        wall = _widened(limits)
        stops_itself = fault.limit not in {"fuel", "timeout_ms"} or not fault.operations
        data = self.data if stops_itself else stopping_at(self.export, self.data, fault.operations)
        image = guest.diagnosing()
        for export, earlier in self.before:
            made = image.advance(export, earlier, limits=wall, host=Replay([]))
            if isinstance(made, wasmlane.Trapped):
                return None
            image = made[1]
        end = image.call(self.export, data, limits=wall, host=Replay(list(self.answers)), autopsy="autopsy")
        if isinstance(end, wasmlane.Trapped):
            return faults.of_trap(end, limits)
        answer = reply(end.data)
        return faults.of_reply(answer) if answer.failed else None


def _alike(seen: Fault, fault: Fault) -> bool:
    # What a session did before is not repeated: the second run may fail for another reason, at another place.
    what, again = (one.message.partition(":")[0] for one in (fault, seen))
    return seen.kind == fault.kind and (fault.kind == "limit" or what == again)


def _widened(limits: Limits) -> wasmlane.Limits:
    wall = limits.wall()
    return replace(wall, fuel=wall.fuel * _MORE, timeout_ms=wall.timeout_ms * _MORE, memory=wall.memory * 2)
