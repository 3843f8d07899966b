"""A scratch home with one tool in it, and the request that its frontend would send."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neira.changes.tokens import CreateToken
from neira.founding import found
from neira.kernel import Kernel
from neira.model import Caller, Scope
from neira.settings import load

if TYPE_CHECKING:
    from pathlib import Path

ADMIN = Caller("benchmark", Scope.ADMIN)
TOOL = "bench.door"
BODY = {
    "tool_id": TOOL,
    "event": f"{TOOL}.draw",
    "params": {"color": "#e11d48", "width": 2, "points": [[12, 40], [13, 44], [15, 47], [18, 52], [22, 55]]},
    "context": {"chat_id": "chat-7", "session_id": "session-3", "message_id": "m-123"},
}
MANIFEST = {
    "id": TOOL,
    "version": "1.0.0",
    "kind": "script",
    "permissions": ["storage:write"],
    "ui": {
        "buttons": [
            {
                "id": "draw",
                "title": "Draw",
                "event": f"{TOOL}.draw",
                "params_schema": {"color": "string?", "width": "int?"},
            }
        ]
    },
}
EMPTY = "fn handle(event) { [] }"
SAVING = """
fn handle(event) {
    [#{ action: "save_annotation", params: #{ color: event.params.color, points: event.params.points } }]
}
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """A home, what is registered in it over HTTP, and whether its scripts may run."""

    home: Path
    token: str
    source: str = EMPTY
    runs: bool = True

    def prepare(self, port: int) -> str:
        """Register the tool, close the gate of scripts if need be; return the mode of an event."""
        call = _Api(port, self.token)
        call("POST", "/plugins", {"manifest": MANIFEST, "source": self.source, "enable": True})
        if not self.runs:
            call("PUT", "/capabilities/runtime_scripting_rhai", {"state": "embryo", "why": "benchmark"})
        return str(call("POST", "/ui/events", BODY)["mode"])

    def request(self) -> bytes:
        """Write the request that is sent again and again."""
        body = json.dumps(BODY).encode()
        head = (
            f"POST /ui/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def scene(folder: Path, *, source: str = EMPTY, runs: bool = True) -> Scene:
    """Make a home with the gates of stage 1 open, and a token."""
    home = found(folder, stage=1).root
    with Kernel.open(home, load(home, {})) as kernel:
        token = kernel.change(CreateToken("bench", Scope.ADMIN), ADMIN).body["token"]
    return Scene(home, str(token), source, runs)


class _Api:
    """The admin API of a server."""

    def __init__(self, port: int, token: str) -> None:
        self._base = f"http://127.0.0.1:{port}/api/neira"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def __call__(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        asked = urllib.request.Request(
            self._base + path, json.dumps(body).encode(), self._headers, method=method
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:
            said: dict[str, Any] = json.load(answer)
        return said
