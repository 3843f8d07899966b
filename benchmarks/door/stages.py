"""Where the microseconds of one event go: one thread, from the bytes of a request to those of its answer.

A clock stands around each stage. A stage's time is its own: what it calls and is a stage itself is not
counted twice. The clocks cost about a microsecond a stage and stand in the sum.
"""

from __future__ import annotations

import functools
import socket
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager, redirect_stderr
from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.config import Config  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.http import get_parser  # type: ignore[import-untyped]  # same
from gunicorn.http.parser import Parser  # type: ignore[import-untyped]  # same
from gunicorn.http.wsgi import create  # type: ignore[import-untyped]  # same

from benchmarks.door.servers import SETTINGS
from neira import disk, facts
from neira.engines.rhai import RhaiProgram
from neira.hub import delivery, results, transaction
from neira.hub.applier import Applier
from neira.hub.hub import Hub
from neira.hub.invocation import Invocations
from neira.journal import journal, record
from neira.journal.checkpoint import CheckpointPen
from neira.journal.journal import Journal
from neira.journal.pen import Pen
from neira.journal.record import Prepared
from neira.kernel import Kernel
from neira.settings import load
from neira.web import door, headers, ui
from neira.web.app import NeiraApp, create_app
from neira.web.server.answer import Answer
from neira.web.server.body import BoundedBody
from neira.web.server.streams import EventStreams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.door.scene import Scene

EVENTS, WARM = 2_000, 200

# What is measured, in the order of an event's way; the same name twice is one stage.
STAGES: tuple[tuple[str, Any, str], ...] = (
    ("request read (gunicorn)", Parser, "__next__"),
    ("middleware", BoundedBody, "__call__"),
    ("middleware", EventStreams, "__call__"),
    ("door", door.EventDoor, "__call__"),
    ("Flask dispatch", Flask, "wsgi_app"),
    ("caller", Kernel, "authenticate"),
    ("rate", facts, "spend"),
    ("body parsed and checked", ui, "event_form"),
    ("hub", Hub, "handle"),
    ("route", Hub, "_course"),
    ("run, around the engine", Invocations, "run"),
    ("run, engine", RhaiProgram, "run"),
    ("records drafted", results, "received"),
    ("records drafted", results, "result"),
    ("records written out", record, "prepare"),
    ("records written out", delivery, "prepare"),
    ("records written out", transaction, "prepare"),
    ("records written out", journal, "prepare"),
    ("records salted", Prepared, "ready"),
    ("commit: queue and leader", Journal, "commit"),
    ("commit: catch up", Pen, "catch_up"),
    ("commit: seal, hash", record, "assemble"),
    ("commit: checkpoints signed", CheckpointPen, "announce"),
    ("commit: checkpoints signed", CheckpointPen, "settle"),
    ("commit: write", disk, "write_at"),
    ("commit: fsync", disk, "sync"),
    ("effects applied", Applier, "upto"),
    ("counted and logged", door, "tell"),
    ("counted and logged", headers, "tell"),
    ("answer sent", Answer, "write"),
    ("answer sent", Answer, "close"),
)
REST = "the rest"


class Stopwatch:
    """Adds up the own time of each stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._running: list[list[float]] = []  # when each began, and the time of the stages inside it

    @contextmanager
    def over(self, name: str) -> Iterator[None]:
        """Count the block as a stage."""
        self._running.append([time.perf_counter(), 0.0])
        try:
            yield
        finally:
            begun, inside = self._running.pop()
            taken = time.perf_counter() - begun
            self.spent[name] += taken - inside
            if self._running:
                self._running[-1][1] += taken

    def around(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Count each call of a function as a stage."""

        @functools.wraps(call)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.over(name):
                return call(*args, **kwargs)

        return timed


def measured(scene: Scene) -> dict[str, float]:
    """Send events through the application of an opened home; return the microseconds of each stage."""
    watch = Stopwatch()
    with ExitStack() as until_done:
        for name, owner, attribute in STAGES:
            call = getattr(owner, attribute)
            until_done.callback(setattr, owner, attribute, call)
            setattr(owner, attribute, watch.around(call, name))
        kernel = until_done.enter_context(Kernel.open(scene.home, load(scene.home, SETTINGS)))
        log = until_done.enter_context((scene.home / "log").open("w", encoding="utf-8", buffering=1))
        with redirect_stderr(log):
            app = create_app(kernel)
        until_done.callback(app.close)
        once = _driver(app, scene.request())
        for _ in range(WARM):
            once()
        watch.spent.clear()
        for _ in range(EVENTS):
            with watch.over(REST):
                once()
    return {name: seconds / EVENTS * 1e6 for name, seconds in watch.spent.items()}


def _driver(app: NeiraApp, request: bytes) -> Callable[[], None]:
    """Serve the same request again and again as gunicorn does, over a pair of sockets."""
    config = Config()
    config.set("http_parser", "python")
    ours, theirs = socket.socketpair()
    parser = get_parser(config, ours, ("127.0.0.1", 1))

    def once() -> None:
        theirs.sendall(request)
        req = next(parser)
        answer, environ = create(req, ours, ("127.0.0.1", 1), ("127.0.0.1", 2), config, Answer)
        pieces = app(environ, answer.start_response)
        for piece in pieces:
            answer.write(piece)
        answer.close()
        if not theirs.recv(65_536).startswith(b"HTTP/1.1 200 "):
            raise RuntimeError("an event was not answered with 200")

    return once


def table(columns: dict[str, dict[str, float]]) -> Iterator[str]:
    """Write the stages side by side, in the order of an event's way."""
    names = [*dict.fromkeys(name for name, _, _ in STAGES), REST]
    yield f"{'microseconds an event, alone':32}" + "".join(f"{name:>16}" for name in columns)
    for name in names:
        values = [column.get(name, 0.0) for column in columns.values()]
        if any(values):
            yield f"{name:32}" + "".join(f"{value:16.1f}" for value in values)
    yield f"{'sum':32}" + "".join(f"{sum(column.values()):16.1f}" for column in columns.values())
