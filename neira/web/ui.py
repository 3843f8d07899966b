"""What frontends need: the tools to draw, the door for events, and the stream that says when to look again.

Tools and events stand at the root as well, as the same views.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from neira.errors.caller import NamespaceMismatch
from neira.model import Scope
from neira.parse.event import event_form
from neira.web.conditions import use
from neira.web.current import caller, kernel, telemetry, visit
from neira.web.noun import EVENTS, Noun, Route
from neira.web.paging import page_of
from neira.web.reply import answer, news
from neira.web.schemas import answers, asks
from neira.web.server.streams import subscribe
from neira.web.stream import subscription
from neira.web.strict import json_body

if TYPE_CHECKING:
    from neira.kernel import Kernel
    from neira.model import Caller, JsonObject
    from neira.parse.event import EventForm

ui = Noun("ui", "Tools and events, for frontends.")
ui_at_root = Noun("ui_at_root", "The same two doors at the root.", prefix="")

_TOOLS = Route(needs=Scope.READ, query=asks.ToolsQuery, answer=answers.ToolList, tagged=True)
EVENT_NEEDS = Scope.READ

_EVENT = Route(
    needs=EVENT_NEEDS, rate=EVENTS, body=asks.EventBody, query=asks.EventQuery, answer=answers.EventAnswer
)


@ui_at_root.on("GET", "/ui/tools", _TOOLS)
@ui.on("GET", "/ui/tools", _TOOLS)
def tools(asked: asks.Pages) -> Response:
    """List the tools to draw; none while the capability ui_tools_registry is closed."""

    def body() -> JsonObject:
        found = kernel().tools(caller())
        page = page_of(found, lambda tool: str(tool["id"]), limit=asked.limit, cursor=asked.cursor)
        return {"tools": page.items, "next": page.next}

    return news(kernel().tools_etag(caller()), body, keep=True)


def form_of(raw: bytes, known: Caller, opened: Kernel) -> EventForm:
    """Read the body of an event, or refuse it; `door.py` asks as well."""
    form = event_form(raw, depth=opened.settings.limit.nesting)
    if not known.may_touch(form.tool_id):
        raise NamespaceMismatch(known)
    return form


@ui_at_root.on("POST", "/ui/events", _EVENT)
@ui.on("POST", "/ui/events", _EVENT)
def post_event(asked: asks.Going) -> Response:
    """Take an event; a closed capability is no refusal but a dry run that names it."""
    form = form_of(json_body(request), caller(), kernel())
    found = kernel().hub.handle(form, caller(), request_id=visit().request_id, use=use(), asked=asked.mode)
    telemetry().event(str(found.body["mode"]))
    return answer(found.body)


@ui.on("GET", "/ui/stream", Route(needs=Scope.READ, media="text/event-stream"))
def stream() -> Response:
    """Hear of changes as they happen; `Last-Event-ID` goes on where a stream ended."""
    subscribe(request.environ, subscription())
    return Response(mimetype="text/event-stream")
