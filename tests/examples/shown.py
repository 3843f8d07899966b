"""An example of plugins/scripts on a real kernel: registered as shipped, sent events, asked what it left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neira.changes.register import Register
from neira.model import PluginId
from neira.parse import document
from neira.parse.event import EventForm
from neira.state import values
from tests.conftest import ADMIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.kernel import Kernel
    from neira.model import Json

SCRIPTS = Path(__file__).resolve().parents[2] / "plugins" / "scripts"
PLACE = {"chat_id": "chat", "session_id": "session"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One example, enabled."""

    kernel: Kernel
    id: PluginId

    def send(self, event: str, params: Mapping[str, Json], context: Mapping[str, Json] = PLACE) -> Any:
        """Send one event as an admin, and give its own result."""
        form = EventForm(self.id, event, params, context)
        body: Any = self.kernel.hub.handle(form, ADMIN, request_id="test").body
        return body["results"][0]

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """Read what lies in the session's file of annotations, messages or notes."""
        path = self.kernel.home.context / "chat" / f"session.{kind}.ndjson"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def value(self, key: str) -> Json:
        """Read one of its stored values."""
        return values.get(self.kernel.movement.database.reading(), self.id, key)


def show(kernel: Kernel, name: str) -> Shown:
    """Register an example with its manifest, as `neira plugins add NAME.yaml NAME.rhai --enable` does."""
    (reading,) = kernel.manifests.read(document.read((SCRIPTS / f"{name}.yaml").read_bytes()))
    source = (SCRIPTS / f"{name}.rhai").read_text("utf-8")
    changed: Any = kernel.change(Register(readings=(reading,), source=source, enable=True), ADMIN).body
    assert changed["state"] == "enabled"
    return Shown(kernel, PluginId(changed["id"]))
