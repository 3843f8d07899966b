"""Notifications over HTTP, newest first; `/ui/stream` tells of new ones as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira import facts
from neira.model import Scope
from neira.web.current import caller, kernel
from neira.web.noun import Noun, Route
from neira.web.paging import opened, sealed
from neira.web.reply import answer
from neira.web.schemas import answers, asks

if TYPE_CHECKING:
    from flask import Response

notifications = Noun("notifications", "What plugins and the system want people to see.")


@notifications.on(
    "GET", "/notifications", Route(needs=Scope.READ, query=asks.PagesQuery, answer=answers.NotificationList)
)
def list_all(asked: asks.Pages) -> Response:
    """List notifications, newest first."""
    before = None if asked.cursor is None else opened(asked.cursor)
    found, behind = facts.notifications(kernel(), caller(), before=before, limit=asked.limit)
    return answer({"notifications": found, "next": None if behind is None else sealed(behind)})
