"""What plugins saved for a session of a chat, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.model import Scope
from neira.parse import ids
from neira.web.chat_items import is_shown, items
from neira.web.current import caller, kernel
from neira.web.noun import Noun, Route
from neira.web.paging import page_of
from neira.web.reply import answer
from neira.web.schemas import answers, asks

if TYPE_CHECKING:
    from flask import Response

context = Noun("context", "What plugins saved for chats and sessions.")


@context.on(
    "GET",
    "/context/<chat_id>/<session_id>",
    Route(needs=Scope.READ, query=asks.ItemsWantedQuery, answer=answers.ItemList),
)
def list_items(asked: asks.ItemsWanted, chat_id: str, session_id: str) -> Response:
    """List the annotations and messages of a session, oldest first."""
    chat, session = ids.chat_id(chat_id), ids.session_id(session_id)
    found = enumerate(items(kernel().home.context, chat, session, kind=asked.type))
    shown = ((place, item) for place, item in found if is_shown(item, caller(), asked.q))
    page = page_of(shown, lambda each: f"{each[0]:09}", limit=asked.limit, cursor=asked.cursor)
    return answer({"items": [item for _, item in page.items], "next": page.next})
