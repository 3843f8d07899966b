"""A process that opens a home, sends events and says aloud what was answered; tests kill it.

`python -m tests.hub.event_sender HOME THREADS PARAMS [KEY]`: prints `open`; then, until it is killed, `done`
with the id of each event that ended well. KEY is sent as an Idempotency-Key is.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, cast

from neira.idempotency.index import Use
from neira.kernel import Kernel
from neira.model import Caller, Outcome, Scope
from neira.parse.event import EventForm
from neira.settings import load
from tests.hub.tool import HERE, ID

if TYPE_CHECKING:
    from neira.model import JsonObject

SENDER = Caller("token:sender", Scope.WRITE)


def main() -> None:
    """Send until killed."""
    root, count, params, *keys = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]), *sys.argv[4:]
    kernel = Kernel.open(root, load(root, {}))
    _say("open")
    use = used(keys[0]) if keys else None
    threads = [threading.Thread(target=_send, args=(kernel, params, use)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def used(key: str) -> Use:
    """Say how a key is used."""
    return Use(SENDER.actor, key, "POST /ui/events 1")


def _send(kernel: Kernel, params: JsonObject, use: Use | None) -> None:
    while True:
        form = EventForm(ID, f"{ID}.go", params, HERE)
        body = kernel.hub.handle(form, SENDER, request_id="r", use=use).body
        (result,) = cast("list[JsonObject]", body["results"])
        if result["outcome"] == Outcome.OK:
            _say("done", str(body["event_id"]))


def _say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")  # one write a line: threads share the pipe
    sys.stdout.flush()


if __name__ == "__main__":
    main()
