"""What travels on an event stream: frames with numbers, where they come from, and who asked for which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from neira.errors.server import BadEventNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HEARTBEAT = b": beat\n\n"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINE_ENDS = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Frame:
    """One message; its number is that of the journal record it tells of."""

    seq: int
    event: str
    data: str

    def __post_init__(self) -> None:
        if _LINE_ENDS.search(self.event):
            raise ValueError("the name of an event is one line")


class Source(Protocol):
    """Where the frames come from; the stream thread asks ten times a second, so both calls must be quick.

    Numbers only grow. A page may be shorter than all there is: the reader asks again behind its last frame.
    """

    def head(self) -> int:
        """Return the number behind which nothing has happened yet."""
        ...

    def since(self, seq: int) -> Sequence[Frame]:
        """Return a page of the frames behind a number, oldest first; empty if there are none."""
        ...


def always() -> bool:
    """Say that a subscription never ends by itself."""
    return True


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one reader asked for, decided while its request was authenticated."""

    audience: Callable[[Frame], bool]
    after: int | None = None  # None: only what is new
    valid: Callable[[], bool] = always  # asked once a second; False ends the stream, as a revoked token must

    def start(self, head: int) -> int:
        """Say behind which number the reader goes on; a number from the future is taken for the present."""
        return head if self.after is None else min(self.after, head)


def event_number(header: str | None) -> int | None:
    """Read a Last-Event-ID; an empty one is none, as in the browser's own rules."""
    if not header:
        return None
    if _NUMBER.fullmatch(header) is None:
        raise BadEventNumber
    return int(header)


def encode(frame: Frame) -> bytes:
    """Write a frame as text/event-stream."""
    lines = [
        f"id: {frame.seq}",
        f"event: {frame.event}",
        *(f"data: {line}" for line in _LINE_ENDS.split(frame.data)),
    ]
    return "\n".join([*lines, "", ""]).encode()
