"""A plugin with one button, for tests that tell a longer story than a case can."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from neira.changes.plugins import Approve, Enable
from neira.changes.register import Register
from neira.hub.applier import RESULT
from neira.model import NEVER, Caller, Mode, PluginId, Scope
from neira.parse import document
from neira.parse.event import EventForm
from neira.state import values
from tests.conftest import ADMIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from neira.changes.plan import Change
    from neira.kernel import Kernel
    from neira.model import Record

ID = PluginId("test.tool")
SOMEONE, ANOTHER = Caller("token:someone", Scope.WRITE), Caller("token:another", Scope.WRITE)
HERE: Mapping[str, Any] = {"chat_id": "c1", "session_id": "s1"}
READ_WRITE = ("storage:read", "storage:write")


@dataclass(frozen=True, slots=True)
class Tool:
    """One plugin of a kernel, by its id."""

    kernel: Kernel
    id: PluginId = ID

    def register(
        self, source: str, *, version: str = "1.0.0", permissions: Sequence[str] = READ_WRITE, **more: Any
    ) -> Change:
        """Register a version and enable it."""
        manifest: dict[str, Any] = {
            "id": self.id, "version": version, "kind": "script", "permissions": list(permissions),
            "ui": {"buttons": [{"id": "go", "event": f"{self.id}.go"}]}, **more,
        }  # fmt: skip
        readings = self.kernel.manifests.read(document.read(json.dumps(manifest).encode()))
        order = Register(tuple(readings), source=source, enable=True)
        change = self.kernel.change(order, ADMIN, why="test")
        pending = self.kernel.world.now().plugins.get(self.id).pending
        if pending is not None:
            self.kernel.change(Approve(self.id, pending.digest), ADMIN, why="test")
            self.kernel.change(Enable(self.id), ADMIN, why="test")
        return change

    def send(
        self, params: Mapping[str, Any], caller: Caller = SOMEONE, asked: Mode = Mode.LIVE
    ) -> dict[str, Any]:
        """Send its event and give its result."""
        form = EventForm(self.id, f"{self.id}.go", params, HERE)
        answer = self.kernel.hub.handle(form, caller, request_id="r", asked=asked).body
        return cast("list[dict[str, Any]]", answer["results"])[0]

    def ends(self, params: Mapping[str, Any], caller: Caller = SOMEONE) -> str:
        """Send its event and give how it ended: the outcome, and the code of an error behind a slash."""
        found = self.send(params, caller)
        return f"{found['outcome']}/{found['error']['code']}" if "error" in found else str(found["outcome"])

    def values(self) -> dict[str, Any]:
        """Read all that it has stored."""
        return dict(values.every(self.kernel.movement.database.reading(), self.id))

    def results(self) -> list[Record]:
        """List its results in the journal, oldest first."""
        found = self.kernel.journal.after(NEVER, kinds=(RESULT,))
        return [each for each in found if each.data["plugin"] == self.id]
