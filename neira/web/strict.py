"""The argument parser of every route: strict JSON, exact content types, no unknown key, all mistakes at once.

It takes the place of flask-smorest's own, which reads any `+json`, NaN, repeated keys and what an unknown
encoding left behind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, cast

import marshmallow as ma
from webargs.flaskparser import FlaskParser

from neira.errors.input import InvalidInput, UnsupportedMedia
from neira.errors.web import InvalidQuery
from neira.model import Problem
from neira.parse import strict_json
from neira.parse.fields import dotted, seen
from neira.parse.near import nearest
from neira.web.current import kernel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Request
    from werkzeug.datastructures import FileStorage

    from neira.model import Json
    from neira.parse.fields import Step

JSON = "application/json"
MULTIPART = "multipart/form-data"
MOST_PARTS = 16

_JSON_TYPE = re.compile(r'application/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?[ \t]*', re.IGNORECASE)
_UNKNOWN = "Unknown field."
_MISSING = "Missing data for required field."


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body; without a file name it is text."""

    data: bytes
    filename: str | None
    media: str


class StrictParser(FlaskParser):
    """Loads and checks what a route declares that it takes."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 - as the base class declares it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Read a body: one JSON object, or parts where the schema knows them."""
        if getattr(schema, "of_parts", False):
            return {name: _value(name, part) for name, part in parts_of(req).items()}
        return json_object(req)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Read a query string; a name that stands twice is a mistake."""
        _ = schema
        repeated = [name for name, values in req.args.lists() if len(values) > 1]
        if repeated:
            raise InvalidQuery([Problem(name, "given twice", "each name once") for name in repeated])
        return req.args.to_dict()

    def handle_error(
        self, error: ma.ValidationError, req: Request, schema: ma.Schema, **rest: Any
    ) -> NoReturn:
        """Turn what marshmallow found into our own refusal."""
        _ = req, rest
        ((location, messages),) = cast("dict[str, Any]", error.messages).items()
        problems = [_problem(steps, message, error.data, schema) for steps, message in _flat(messages)]
        raise (InvalidQuery if location == "query" else InvalidInput)(problems)

    def _get_schema(self, argmap: Any, req: Request) -> ma.Schema:
        schema: ma.Schema = super()._get_schema(argmap, req)
        in_parts = getattr(schema, "in_parts", None)
        return in_parts() if in_parts is not None and media_type(req) == MULTIPART else schema


def media_type(req: Request) -> str:
    """Return the bare content type that a request declares."""
    return req.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def is_json(declared: str) -> bool:
    """Tell whether a declared content type is JSON in UTF-8, and nothing else."""
    return declared == JSON or _JSON_TYPE.fullmatch(declared) is not None


def json_body(req: Request) -> bytes:
    """Return the bytes of a body that is declared to be JSON, and nothing else."""
    declared = req.headers.get("Content-Type", "")
    if not is_json(declared):
        raise UnsupportedMedia(declared, [JSON])
    _refuse_encoding(req, JSON)
    req.max_content_length = kernel().settings.limit.body_kb * 1024
    return req.get_data()


def json_object(req: Request) -> Mapping[str, Json]:
    """Read a body that is one JSON object; a request that has no body at all says nothing."""
    if "Content-Type" not in req.headers and not req.get_data():
        return {}
    value = strict_json.loads(json_body(req), depth=kernel().settings.limit.nesting)
    if not isinstance(value, dict):
        raise InvalidInput([Problem("body", seen(value), "a JSON object")])
    return value


def parts_of(req: Request) -> Mapping[str, Part]:
    """Read a multipart body, each part under its name."""
    if media_type(req) != MULTIPART:
        raise UnsupportedMedia(req.headers.get("Content-Type", ""), [JSON, MULTIPART])
    _refuse_encoding(req, MULTIPART)
    limits = kernel().settings.limit
    req.max_form_parts = MOST_PARTS
    req.max_form_memory_size = limits.body_kb * 1024
    req.max_content_length = (limits.artifact_mb << 20) + (limits.body_kb << 10)
    files = [(name, _of_file(file)) for name, file in req.files.items(multi=True)]
    texts = [(name, Part(text.encode(), None, "")) for name, text in req.form.items(multi=True)]
    found = dict([*files, *texts])
    if len(found) < len(files) + len(texts):
        raise InvalidInput([Problem("body", "a part that stands twice", "each part once")])
    return found


def _of_file(file: FileStorage) -> Part:
    file.stream.seek(0)  # the digest of an Idempotency-Key reads the parts as well
    return Part(file.stream.read(), file.filename or "", file.mimetype)


def _value(name: str, part: Part) -> Any:
    """Give files as they are, and everything else as text."""
    if name in {"file", "manifest"}:
        return part
    try:
        return part.data.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput([Problem(name, "bytes that are not UTF-8", "text in UTF-8")]) from None


def _refuse_encoding(req: Request, media: str) -> None:
    encoding = req.headers.get("Content-Encoding")
    if encoding is not None:
        raise UnsupportedMedia(f"{media} with Content-Encoding {encoding}", [media])


def _flat(messages: Any, steps: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _flat(inner, steps if key == "_schema" else (*steps, key))
    else:
        yield from ((steps, str(message)) for message in messages)


def _problem(steps: tuple[Step, ...], message: str, data: Any, schema: ma.Schema) -> Problem:
    path = dotted(steps) or "body"
    if message == _UNKNOWN:
        known = [field.data_key or name for name, field in schema.fields.items()]
        return Problem(path, "an unknown key", f"only {', '.join(known)}", nearest(str(steps[-1]), known))
    if message == _MISSING:
        return Problem(path, "missing", "a value: it is required")
    return Problem(path, seen(_at(steps, data)), message)


def _at(steps: tuple[Step, ...], data: Any) -> Any:
    for each in steps:
        known = isinstance(data, dict) and each in data
        if known or (isinstance(data, list) and isinstance(each, int) and each < len(data)):
            data = data[each]
    return data
