"""What plugins saved for chats and sessions, over HTTP: one session, a search through all, an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from neira import facts
from neira.model import Scope
from neira.web.caller import whole_system
from neira.web.current import caller, kernel
from neira.web.noun import WRITES, Noun, Route
from neira.web.paging import opened, sealed
from neira.web.reply import answer
from neira.web.schemas import answers, asks

if TYPE_CHECKING:
    from neira.model import JsonObject

NDJSON = "application/x-ndjson"
MARKDOWN = "text/markdown"

context = Noun("context", "What plugins saved for chats and sessions.")


@context.on(
    "GET",
    "/context/<chat_id>/<session_id>",
    Route(needs=Scope.READ, query=asks.ItemsWantedQuery, answer=answers.ItemList),
)
def list_items(asked: asks.ItemsWanted, chat_id: str, session_id: str) -> Response:
    """List the annotations and messages of a session, oldest first."""
    found = _page(asked, strict=True, chat=chat_id, session=session_id)
    return answer({"items": found["items"], "next": found["next"]})


@context.on(
    "GET",
    "/context/search",
    Route(needs=Scope.READ, query=asks.ItemsSoughtQuery, answer=answers.ItemsFound),
)
def search_items(asked: asks.ItemsSought) -> Response:
    """Find annotations and messages of all sessions; a page may be short and still have a next one."""
    return answer(_page(asked, chat=asked.chat_id))


@context.on(
    "GET",
    "/context/export",
    Route(needs=Scope.READ, query=asks.ItemsExportedQuery, media=NDJSON, or_media=(MARKDOWN,)),
)
def export_items(asked: asks.ItemsExported) -> Response:
    """Give out annotations and messages, as lines of JSON or as Markdown."""
    as_markdown = asked.format is asks.ExportForm.MARKDOWN
    wanted = {"chat": asked.chat_id, "session": asked.session_id}
    lines = facts.saved_lines(kernel(), caller(), as_markdown=as_markdown, **wanted)
    return Response(lines, mimetype=MARKDOWN if as_markdown else NDJSON)


@context.on(
    "GET",
    "/attachments/<chat_id>/<digest>",
    Route(needs=Scope.READ, answer=answers.Attachment, missing=True),
)
def show_attachment(chat_id: str, digest: str) -> Response:
    """Give the part of a saved item that was too large for its line."""
    whole_system()  # it may belong to any plugin
    return answer({"value": facts.attachment(kernel(), chat_id, digest)})


@context.on(
    "DELETE",
    "/context/<chat_id>/<session_id>",
    Route(needs=Scope.WRITE, rate=WRITES, query=asks.WhyQuery, answer=answers.ItemsRemoved),
)
def remove_session(asked: asks.Whyed, chat_id: str, session_id: str) -> Response:
    """Remove everything that was saved for a session."""
    return answer(kernel().movement.deleting.run(caller(), chat_id, session_id, None, asked.why))


@context.on(
    "DELETE",
    "/context/<chat_id>/<session_id>/<item_id>",
    Route(needs=Scope.WRITE, rate=WRITES, query=asks.WhyQuery, answer=answers.ItemsRemoved),
)
def remove_item(asked: asks.Whyed, chat_id: str, session_id: str, item_id: str) -> Response:
    """Remove one saved item."""
    return answer(kernel().movement.deleting.run(caller(), chat_id, session_id, item_id, asked.why))


def _page(asked: asks.ItemsWanted, *, strict: bool = False, **wanted: str | None) -> JsonObject:
    start = None if asked.cursor is None else opened(asked.cursor)
    wanted["type"] = asked.type
    found = facts.saved(
        kernel(), caller(), words=asked.q, start=start, limit=asked.limit, strict=strict, **wanted
    )
    behind = found["next"]
    return {**found, "next": sealed(behind) if isinstance(behind, str) else None}
