"""A real home with a real kernel, the application over it, and callers of every scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neira.changes.gates import SetGate
from neira.changes.tokens import CreateToken
from neira.founding import found
from neira.kernel import Kernel
from neira.model import Caller, GateName, GateState, Scope
from neira.settings import LogSettings, RateSettings, Settings
from neira.web.app import NeiraApp, create_app
from tests.fakes import CountingEntropy, SteppedClock

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


API = "/api/neira"
OWNER = Caller("system:tests", Scope.ADMIN)
QUIET = Settings(log=LogSettings(level="error"))
UNMETERED = Settings(log=LogSettings(level="error"), rate=RateSettings(events=0, changes=0))

PENCIL: dict[str, Any] = {
    "id": "ui.pencil",
    "version": "0.1.0",
    "kind": "script",
    "title": "Pencil",
    "permissions": ["storage:write"],
    "ui": {
        "buttons": [
            {
                "id": "pencil",
                "title": "Карандаш",
                "icon": "pencil",
                "event": "ui.pencil.draw",
                "params_schema": {"color": "string?", "size": "int?"},
            }
        ]
    },
}
SOURCE = "fn handle(event) { #{ actions: [] } }"


@dataclass
class World:
    """One home, opened once, with its application."""

    kernel: Kernel
    clock: SteppedClock
    app: NeiraApp
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, scope: Scope, *, namespace: str | None = None, expires: datetime | None = None) -> str:
        """Make a token and return its secret."""
        order = CreateToken(f"holder-of-{scope}", scope, namespace, expires)
        secret = str(self.kernel.change(order, OWNER).body["token"])
        self.tokens.setdefault(f"{scope}:{namespace}:{expires}", secret)
        return secret

    def ask(
        self,
        method: str,
        path: str,
        *,
        by: Scope | str | None = Scope.ADMIN,
        headers: Any = None,
        **body: Any,
    ) -> Any:
        """Send a request as a caller of that scope, with that token, or as nobody; werkzeug answers."""
        secret = self._secret(by)
        sent = [*dict(headers or {}).items()]
        if secret is not None:
            sent.append(("Authorization", f"Bearer {secret}"))
        return self.app.test_client().open(path, method=method, headers=sent, buffered=True, **body)

    def _secret(self, by: Scope | str | None) -> str | None:
        if not isinstance(by, Scope):
            return by
        return self.tokens[f"{by}:None:None"]

    def open_gates(self) -> None:
        """Open what stage one opens."""
        for name in ("ui_tools_registry", "runtime_scripting_rhai", "annotations_pencil"):
            self.kernel.change(SetGate(GateName(name), GateState.EXPERIMENTAL), OWNER)

    def pencil(self, **more: Any) -> Any:
        """Register the pencil."""
        return self.ask("POST", f"{API}/plugins", json={"manifest": PENCIL, "source": SOURCE, **more})


def make_world(root: Path, settings: Settings = QUIET) -> World:
    """Found a home and open it."""
    clock, entropy = SteppedClock(), CountingEntropy()
    found(root, clock=clock, entropy=entropy)
    kernel = Kernel.open(root, settings, clock=clock, entropy=entropy)
    world = World(kernel, clock, create_app(kernel))
    for scope in Scope:
        world.token(scope)
    return world
