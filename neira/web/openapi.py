"""The OpenAPI document: made of what the routes declare, and completed with what they all share."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask_smorest import Api  # type: ignore[import-untyped]  # it has no types

from neira import __version__
from neira.parse.event import event_json_schema
from neira.web.problem import MEDIA
from neira.web.schemas.answers import Problem

if TYPE_CHECKING:
    from flask import Flask

_ABOUT = (
    "Neira's API: plugins, capabilities, events, the journal. Every refusal is application/problem+json "
    "with a stable `code` and a `hint`. Changes hear `If-Match`, `Idempotency-Key` and a `why`."
)
_BEARER = {"type": "http", "scheme": "bearer", "description": "`neira token create NAME --scope read`"}
_HEADERS = {
    "X-Request-Id": {"schema": {"type": "string"}, "description": "The name of this request."},
}


class NeiraApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest, with problem+json for its own errors."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        app.config["API_TITLE"] = "Neira"
        app.config["API_VERSION"] = __version__
        app.config["OPENAPI_VERSION"] = "3.1.0"
        super().__init__(app, spec_kwargs={"info": {"description": _ABOUT}})
        self.spec.components.security_scheme("bearer", _BEARER)

    def document(self) -> dict[str, Any]:
        """Give the whole document; an event stands in it as its own parser reads it."""
        found: dict[str, Any] = self.spec.to_dict()
        event = _with_local_refs(event_json_schema())
        any_json = event.pop("$defs")["json"]
        event.pop("$schema")
        found["components"]["schemas"] |= {"EventBody": event, "AnyJson": any_json}
        return found

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            body = {"content": {MEDIA: {"schema": Problem}}} if status >= HTTPStatus.BAD_REQUEST else {}
            response = {"description": status.phrase, "headers": dict(_HEADERS), **body}
            self.spec.components.response(status.name, response, lazy=True)

    def _register_error_handlers(self) -> None:
        """Leave errors to `problem.py`."""


def _with_local_refs(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _with_local_refs(value) for key, value in schema.items()}
    return "#/components/schemas/AnyJson" if schema == "#/$defs/json" else schema
