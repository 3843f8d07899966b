"""Ask the keeper of a home something, from any other process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from neira.errors.keeper import KeeperAway, KeeperRefused
from neira.keeper import socket_path
from neira.keeper.frames import Ended, Line

if TYPE_CHECKING:
    from neira.home import Home
    from neira.model import Json, JsonObject
    from neira.ports import Clock

SECONDS = 30.0  # a request may run functions of plugins


def ask(home: Home, request: JsonObject, clock: Clock, *, seconds: float = SECONDS) -> JsonObject:
    """Send one request and return what the keeper says, or raise why it does not."""
    home.check()
    try:
        with socket_path.connection(home, seconds) as connection:
            line = Line(connection, clock, seconds=seconds)
            line.send(request)
            answer = line.receive()
    except TimeoutError:
        raise KeeperAway(f"it was silent for {seconds:g} seconds") from None
    except (OSError, Ended) as error:
        raise KeeperAway(getattr(error, "strerror", None) or "it went away") from error
    return _taken(answer)


def _taken(answer: Json) -> JsonObject:
    if isinstance(answer, Mapping):
        taken, refused = answer.get("ok"), answer.get("err")
        if isinstance(taken, Mapping):
            return taken
        if isinstance(refused, Mapping):
            raise KeeperRefused(str(refused.get("code")), str(refused.get("message")))
    raise KeeperAway("what it says makes no sense")
