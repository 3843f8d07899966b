"""The event door above Flask: it answers a plain `POST /ui/events` by itself, and passes all else on.

Flask alone costs as much as everything that an event needs. So that there is still only one door, this one
has a single answer, 200: whatever is unusual about a request goes on to the view, and so does what is to be
refused, as the error that it is. A test holds the two equal, to the last header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neira.parse import strict_json
from neira.web.caller import CALLER, admit
from neira.web.current import begun
from neira.web.headers import FAILED, of_data, tell
from neira.web.noun import API, EVENTS
from neira.web.strict import JSON, is_json
from neira.web.ui import EVENT_NEEDS, form_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication

    from neira.web.current import Face
    from neira.web.server.answers import Environ

_PATHS = frozenset({"/ui/events", f"{API}/ui/events"})
_UNUSUAL = frozenset({"HTTP_IDEMPOTENCY_KEY", "HTTP_CONTENT_ENCODING", CALLER})


class EventDoor:
    """WSGI middleware around Flask; `server/body.py` has read the body and bounded it."""

    def __init__(self, app: WSGIApplication, face: Face) -> None:
        self._app = app
        self._face = face
        self._origins = face.kernel.settings.server.cors_origins

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer an event, or pass the request on."""
        if environ["PATH_INFO"] not in _PATHS or not _is_plain(environ):
            return self._app(environ, start_response)
        try:
            body = self._take(environ)
        except Exception as error:  # noqa: BLE001 - Flask answers it, whatever it is
            environ[FAILED] = error
            return self._app(environ, start_response)
        headers = of_data(
            begun(environ, self._face.kernel).request_id, self._origins, environ.get("HTTP_ORIGIN")
        )
        start_response("200 OK", [("Content-Type", JSON), ("Content-Length", str(len(body))), *headers])
        tell(self._face, environ, environ["PATH_INFO"], 200)
        return [body]

    def _take(self, environ: Environ) -> bytes:
        """Take an event to its answer, as `ui.post_event` does."""
        kernel = self._face.kernel
        here = begun(environ, kernel)
        here.caller = kernel.authenticate(environ.get("HTTP_AUTHORIZATION"))
        admit(kernel, here.caller, EVENT_NEEDS, EVENTS)
        with environ["wsgi.input"] as body:
            form = form_of(body.read(), here.caller, kernel)
        found = kernel.hub.handle(form, here.caller, request_id=here.request_id)
        self._face.telemetry.event(str(found.body["mode"]))
        return strict_json.dumps(found.body).encode()


def _is_plain(environ: Environ) -> bool:
    return (
        environ["REQUEST_METHOD"] == "POST"
        and not environ.get("QUERY_STRING")
        and _UNUSUAL.isdisjoint(environ)
        and is_json(environ.get("CONTENT_TYPE", ""))
    )
