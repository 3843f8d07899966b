"""A process that opens a home, sends events and says aloud what was answered; tests kill it.

`python -m tests.hub.event_sender HOME WAY THREADS`: prints `open` and its boot; then, until it is killed,
`done` with the id of each event that ended well.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, cast

from neira.kernel import Kernel
from neira.model import Caller, Outcome, Scope
from neira.parse.event import EventForm
from neira.settings import load
from tests.hub.tool import HERE, ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from neira.model import JsonObject

SENDER = Caller("token:sender", Scope.WRITE)


def main() -> None:
    """Send until killed."""
    root, way, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    kernel = Kernel.open(root, load(root, {}))
    _say("open", kernel.movement.board.boot)
    threads = [threading.Thread(target=_send, args=(kernel, {"way": way})) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(kernel: Kernel, params: Mapping[str, str]) -> None:
    while True:
        body = kernel.hub.handle(EventForm(ID, f"{ID}.go", params, HERE), SENDER, request_id="r").body
        (result,) = cast("list[JsonObject]", body["results"])
        if result["outcome"] == Outcome.OK:
            _say("done", str(body["event_id"]))


def _say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")  # one write a line: threads share the pipe
    sys.stdout.flush()


if __name__ == "__main__":
    main()
