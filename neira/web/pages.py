"""What people open in a browser: the control center and the page of the API; and the document behind it.

Pages fetch nothing from elsewhere and hold no script or style of their own: all of it is under /static.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from neira.web.api_page import groups
from neira.web.current import face
from neira.web.reply import answer

if TYPE_CHECKING:
    from flask import Response

pages = Blueprint("pages", __name__)


@pages.get("/")
def control_center() -> str:
    """Show the control center; all that it knows it asks the API, with the token that is typed in."""
    return render_template("control.html")


@pages.get("/api/docs")
def api_page() -> str:
    """Show every route to people."""
    return render_template("api.html", groups=groups(face().document), info=face().document["info"])


@pages.get("/openapi.json")
def openapi() -> Response:
    """Give the OpenAPI document."""
    return answer(face().document)
