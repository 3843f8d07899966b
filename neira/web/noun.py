"""A blueprint of one noun, whose routes say who may call them, what they take and all that they may answer.

What is declared here is enforced and documented at once: the OpenAPI document is made of the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ParamSpec

from flask_smorest import Blueprint  # type: ignore[import-untyped]  # it has no types

from neira.web.caller import requires
from neira.web.strict import JSON, MULTIPART, StrictParser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import marshmallow as ma
    from flask import Response

    from neira.model import Scope

API = "/api/neira"
EVENTS = "events"
CHANGES = "changes"
WRITES = "writes"  # counted with the changes; they can be repeated and have no revision
_WORDS = "_apidoc"  # where flask-smorest looks for what a view says of itself

Asked = ParamSpec("Asked")

_ALWAYS = (HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE)
_GUARDED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_WITH_BODY = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_OF_CHANGES = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_OF_WRITES = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
_OF_EVENTS = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one route declares."""

    answer: type[ma.Schema] | None = None
    needs: Scope | None = None  # None: open to everybody
    body: type[ma.Schema] | None = None
    query: type[ma.Schema] | None = None
    rate: str | None = None
    creates: bool = False
    tagged: bool = False  # answers carry an ETag, and If-None-Match is heard
    missing: bool = False  # may answer 404
    media: str = JSON
    or_media: tuple[str, ...] = ()  # what the query may choose instead

    def refusals(self) -> Sequence[HTTPStatus]:
        """List every status that the route may refuse with."""
        found = {*_ALWAYS, *(_GUARDED if self.needs else ()), *(_WITH_BODY if self.body else ())}
        found |= {CHANGES: {*_OF_CHANGES}, EVENTS: {*_OF_EVENTS}, WRITES: {*_OF_WRITES}}.get(
            self.rate or "", set()
        )
        return sorted(found | ({HTTPStatus.NOT_FOUND} if self.missing else set()))


class Noun(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """The routes of one noun."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, meaning: str, *, prefix: str = API) -> None:
        super().__init__(name, __name__, url_prefix=prefix, description=meaning)

    def on(
        self, method: str, rule: str, route: Route
    ) -> Callable[[Callable[Asked, Response]], Callable[Asked, Response]]:
        """Serve a method of a rule with a view, guarded and documented as declared."""

        def serve(view: Callable[Asked, Response]) -> Callable[Asked, Response]:
            self.add_url_rule(rule, view.__name__, self._guarded(view, route, method), methods=[method])
            return view

        return serve

    def _guarded(self, view: Callable[..., Response], route: Route, method: str) -> Callable[..., Response]:
        """Wrap a view: the caller is judged first, then the query and the body are read."""
        ready = view
        if route.body is not None and getattr(route.body, "read_by_parser", True):
            ready = self.arguments(route.body, location="json", required=_needs_body(route.body))(ready)
        if route.query is not None:
            ready = self.arguments(route.query, location="query")(ready)
        if route.needs is not None:
            ready = requires(route.needs, rate=route.rate)(ready)
        if ready is view:
            ready = _copied(view)
        name = f"{self.name}_{view.__name__}"
        words = _documented(getattr(ready, _WORDS, {}), route, method, name)
        setattr(ready, _WORDS, words)
        return ready


def _copied(view: Callable[..., Response]) -> Callable[..., Response]:
    """Give an open route a function of its own to carry its documentation."""

    def open_view(*args: Any, **kwargs: Any) -> Response:
        return view(*args, **kwargs)

    open_view.__doc__ = view.__doc__
    return open_view


def _needs_body(body: type[ma.Schema]) -> bool:
    """Tell whether a request without a body would lack something."""
    return any(field.required for field in body().fields.values())


def _documented(known: Mapping[str, Any], route: Route, method: str, name: str) -> dict[str, Any]:
    """Write down all that a route declares, in the form that flask-smorest turns into OpenAPI."""
    arguments = dict(known.get("arguments", {}))
    arguments["parameters"] = [*arguments.get("parameters", ()), *_headers(route, method)]
    if route.body is not None and not getattr(route.body, "read_by_parser", True):
        arguments["parameters"].append({"in": "json", "required": True, "schema": route.body})
    arguments["responses"] = {}
    manual: dict[str, Any] = {"operationId": name, "x-required-scope": str(route.needs or "none")}
    if route.needs is not None:
        manual["security"] = [{"bearer": []}]
    if route.or_media:
        others = {media: {"schema": {"type": "string"}} for media in route.or_media}
        manual["responses"] = {HTTPStatus.OK.value: {"content": others}}
    parts = getattr(route.body, "in_parts", None)
    if parts is not None:
        manual["requestBody"] = {"content": {MULTIPART: {"schema": parts}}}
    return {"arguments": arguments, "response": {"responses": _responses(route)}, "manual_doc": manual}


def _responses(route: Route) -> dict[int, list[Any]]:
    """List every answer: what the route gives, and every refusal by its shared name."""
    good: dict[str, Any] = {"description": "Done.", "content_type": route.media}
    if route.answer is not None:
        good["schema"] = route.answer
    elif route.media != JSON:
        good["schema"] = {"type": "string"}
    if route.tagged or route.rate == CHANGES:
        good["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "The revision."}}
    found: dict[int, list[Any]] = {HTTPStatus.OK.value: [good]}
    if route.creates:
        found[HTTPStatus.CREATED.value] = [{**good, "description": "Made."}]
    if route.tagged:
        found[HTTPStatus.NOT_MODIFIED.value] = [
            {"description": "As you hold it.", "content_type": route.media}
        ]
    return {**found, **{status.value: [status.name] for status in route.refusals()}}


def _headers(route: Route, method: str) -> list[dict[str, Any]]:
    """List the headers that a route hears."""
    names = {
        "If-Match": (
            route.rate == CHANGES,
            r'^"[\x21\x23-\x7e]{1,128}"$',
            "The ETag that the change insists on.",
        ),
        "Idempotency-Key": (
            route.rate in {EVENTS, CHANGES},
            r"^[\x21-\x7e]{1,128}$",
            "Send twice, happen once.",
        ),
        "If-None-Match": (route.tagged and method == "GET", None, "The ETag of what you hold."),
    }
    return [
        {
            "in": "header",
            "name": name,
            "required": False,
            "description": meaning,
            "schema": {"type": "string", **({"pattern": pattern} if pattern else {})},
        }
        for name, (heard, pattern, meaning) in names.items()
        if heard
    ]
