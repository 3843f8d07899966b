"""What event streams carry: one frame for each record that changes what a frontend shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import request

from neira import facts
from neira.errors.caller import Unauthenticated
from neira.model import PluginId
from neira.parse import strict_json
from neira.web.caller import CALLER
from neira.web.current import caller, kernel
from neira.web.server.frames import Frame, Subscription, event_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.kernel import Kernel
    from neira.model import Caller, Json, Record

A_PAGE = 200  # records read at a time
_SHOWN = (
    "plugin", "gate", "from", "to", "state", "task", "event_id", "version", "mode", "outcome", "notice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class News:
    """The source of all streams of this worker."""

    kernel: Kernel

    def head(self) -> int:
        """Return the number behind which nothing has happened."""
        return self.kernel.journal.tail()[0]

    def since(self, seq: int) -> Sequence[Frame]:
        """Return the frames of what happened behind a number; the journal is read only if there is any."""
        if self.head() <= seq:
            return ()
        return tuple(_frame(record) for record in facts.news_of(self.kernel, seq, most=A_PAGE))


def subscription() -> Subscription:
    """Say what the caller of this request will hear, from where it stopped."""
    after = event_number(request.headers.get("Last-Event-ID"))
    return Subscription(_audience(caller()), after, _still_valid(kernel(), caller()))


def _frame(record: Record) -> Frame:
    """Tell what happened, not who did it or why: readers hear this."""
    told: dict[str, Json] = {"seq": record.seq, "kind": record.kind, "ts": record.ts.isoformat()}
    told |= {name: record.data[name] for name in _SHOWN if name in record.data}
    if shown := facts.notices_in(record):
        told["notifications"] = shown
    return Frame(record.seq, record.kind, strict_json.dumps(told))


def _audience(who: Caller) -> Callable[[Frame], bool]:
    """Let a bound caller hear of its own plugins, and of what concerns no plugin."""

    def hears(frame: Frame) -> bool:
        if who.namespace is None:
            return True
        told = cast("dict[str, Json]", strict_json.loads(frame.data.encode()))
        return "plugin" not in told or who.may_touch(PluginId(str(told["plugin"])))

    return hears


def _still_valid(of: Kernel, who: Caller) -> Callable[[], bool]:
    """Make the question whether the caller's token still counts."""
    header, inside = request.headers.get("Authorization"), CALLER in request.environ

    def valid() -> bool:
        try:
            return inside or of.authenticate(header) == who
        except Unauthenticated:
            return False

    return valid
