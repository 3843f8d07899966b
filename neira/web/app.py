"""The web application over one kernel: nouns, refusals, headers, pages, and the server's middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Flask

from neira.telemetry import Telemetry
from neira.web.capabilities import GateSegment, capabilities
from neira.web.context import context
from neira.web.current import Face, face_of, put_on
from neira.web.door import EventDoor
from neira.web.headers import dress_answers
from neira.web.health import health
from neira.web.journal import journal
from neira.web.notifications import notifications
from neira.web.openapi import NeiraApi
from neira.web.pages import pages
from neira.web.plugins import plugins
from neira.web.problem import answer_problems
from neira.web.safe_mode import safe_mode
from neira.web.schema_pages import schemas
from neira.web.server.body import BodyLimits, BoundedBody
from neira.web.server.hub import StreamHub, StreamLimits
from neira.web.server.streams import EventStreams
from neira.web.session import session
from neira.web.stream import News
from neira.web.tasks import tasks
from neira.web.tokens import tokens
from neira.web.ui import ui, ui_at_root

if TYPE_CHECKING:
    from neira.kernel import Kernel
    from neira.settings import Settings

NOUNS = (
    ui, ui_at_root, plugins, capabilities, safe_mode, journal, context, tasks, notifications, tokens, session,
    schemas, health,
)  # fmt: skip
ROOM = 64 * 1024  # bytes of a form besides its file and its manifest


class NeiraApp(Flask):
    """Flask, with an end: gunicorn's worker closes what it serves when it stops."""

    def close(self) -> None:
        """End the event streams; requests in flight go on."""
        cast("BoundedBody", self.wsgi_app).close()

    def let_go(self) -> None:
        """Close the kernel as well, when no request is left."""
        self.close()
        face_of(self).kernel.close()


def create_app(kernel: Kernel) -> NeiraApp:
    """Make the application of an opened kernel."""
    app = NeiraApp(__name__)
    app.url_map.merge_slashes = False  # a path is what was sent, never a redirect to something near
    app.url_map.converters["gate"] = GateSegment
    api = NeiraApi(app)
    for noun in NOUNS:
        api.register_blueprint(noun)
    app.register_blueprint(pages)
    answer_problems(app)
    dress_answers(app)
    telemetry = Telemetry(kernel.settings.log, kernel.clock)
    kernel.plugin_log.listener = telemetry.plugin_said
    put_on(app, Face(kernel, telemetry, api.document()))
    _wrap(app, kernel)
    return app


def _wrap(app: NeiraApp, kernel: Kernel) -> None:
    """Put the bounds of bodies and the event streams around the application."""
    limits = StreamLimits(streams=kernel.settings.server.streams)
    hub = StreamHub(News(kernel), clock=kernel.clock, limits=limits)
    door = EventDoor(app.wsgi_app, face_of(app))
    streams = EventStreams(door, hub, entropy=kernel.entropy)
    bounded = BoundedBody(streams, _body_limits(kernel.settings), clock=kernel.clock, entropy=kernel.entropy)
    app.wsgi_app = bounded  # type: ignore[method-assign]  # the way that Flask documents


def _body_limits(settings: Settings) -> BodyLimits:
    limit = settings.limit
    return BodyLimits(
        plain_bytes=limit.body_kb << 10,
        multipart_bytes=(limit.artifact_mb << 20) + (limit.body_kb << 10) + ROOM,
        seconds=settings.server.body_seconds,
    )
