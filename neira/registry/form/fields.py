"""Strict fields: each takes what its kind means and nothing near it, and can describe itself.

YAML gives every scalar as the text written; a plain scalar may mean a number or a truth, a quoted one is
text. JSON gives types. A field knows both, so `version: 1.10` keeps its zero and `"250"` is no number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from marshmallow import ValidationError, fields

from neira.errors import NeiraError
from neira.errors.input import BadParamsSchema
from neira.parse import ids, params, semver
from neira.parse.fields import seen
from neira.parse.near import nearest
from neira.parse.placed import PlainText
from neira.parse.plain import as_written, typed
from neira.registry.form.problems import MISSHAPEN, MOST, Wrong, steps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from neira.model import Json, JsonObject, Problem

_NO_TWO_DOTS = r"(?!.*\.\.)"
_WHOLE = re.compile(r"0|[1-9][0-9]{0,14}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ABSENT = {"required": "missing", "null": "null"}
_TRUTHS = {"true": True, "false": False}


def refuse(value: object, allowed: str, suggestion: str | None = None) -> NoReturn:
    """Refuse a value."""
    raise ValidationError([Wrong(seen(value), allowed, suggestion)])


class Strict(fields.Field[Any]):
    """The root of our fields."""

    allowed = "a value"

    def make_error(self, key: str, **_: Any) -> ValidationError:
        """Word a missing or null value like every other mistake."""
        return ValidationError([Wrong(_ABSENT.get(key, MISSHAPEN), self.allowed)])

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        _ = attr, data, kwargs
        return self.read(value)

    def read(self, value: Any) -> Any:
        """Return the canonical form of a value, or refuse it; each field says what it takes."""
        refuse(value, self.allowed)

    def json_schema(self) -> JsonObject:
        """Describe what is allowed."""
        return {}


class Text(Strict):
    """Text of bounded length."""

    def __init__(
        self,
        *,
        most: int = 200,
        pattern: str | None = None,
        rule: str | None = None,
        shown: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.most = most
        self.shown = shown  # to people: in a terminal, a page, a log
        self.pattern = pattern
        self.allowed = rule or f"text of 1 to {most} characters"

    def read(self, value: Any) -> str:
        """Take text as it was written."""
        if not isinstance(value, str) or not 0 < len(value) <= self.most:
            refuse(value, self.allowed)
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            refuse(value, self.allowed)
        if self.shown and _UNSEEN.search(value):
            refuse(value, "text without control characters and without marks that turn its direction")
        return str(value)

    def json_schema(self) -> JsonObject:
        """Describe the text."""
        shape: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": self.most}
        if self.pattern:
            shape |= {"description": self.allowed, "pattern": f"^(?:{self.pattern})$"}
        return shape


class Checked(Strict):
    """Text that one of our parsers judges."""

    def __init__(
        self, parser: Callable[[str], object], rule: str, *, pattern: str | None = None, **more: Any
    ) -> None:
        super().__init__(**more)
        self.parser = parser
        self.pattern = pattern
        self.allowed = rule

    def read(self, value: Any) -> str:
        """Let the parser decide."""
        if not isinstance(value, str):
            refuse(value, f"{self.allowed}; in JSON, in quotes")
        try:
            self.parser(str(value))
        except NeiraError:
            refuse(value, self.allowed)
        return str(value)

    def json_schema(self) -> JsonObject:
        """Describe the text."""
        shape: dict[str, Any] = {"type": "string", "description": self.allowed}
        if self.pattern:
            shape["pattern"] = f"^(?:{self.pattern})$"
        return shape


def id_field(**more: Any) -> Checked:
    """Make a field for a plugin id."""
    return Checked(ids.plugin_id, ids.PLUGIN_ID_RULE, pattern=_NO_TWO_DOTS + ids.PLUGIN_ID, **more)


def event_field(**more: Any) -> Checked:
    """Make a field for the name of an event."""
    return Checked(ids.event_name, ids.EVENT_NAME_RULE, pattern=_NO_TWO_DOTS + ids.EVENT_NAME, **more)


def version_field(**more: Any) -> Checked:
    """Make a field for a version."""
    return Checked(semver.parse, semver.VERSION_RULE, pattern=semver.SEMVER, **more)


class Whole(Strict):
    """A whole number within bounds."""

    def __init__(self, least: int = 0, most: int = 10**15, **more: Any) -> None:
        super().__init__(**more)
        self.least, self.most = least, most
        self.allowed = f"a whole number from {least} to {most}"

    def read(self, value: Any) -> int:
        """Take an integer, or a plain scalar that is one in plain decimal."""
        number = int(value) if isinstance(value, PlainText) and _WHOLE.fullmatch(value) else value
        if type(number) is not int or not self.least <= number <= self.most:
            refuse(value, self.allowed)
        return number

    def json_schema(self) -> JsonObject:
        """Describe the number."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Truth(Strict):
    """True or false."""

    allowed = "true or false"

    def read(self, value: Any) -> bool:
        """Take a truth, or a plain `true` or `false`."""
        truth = _TRUTHS.get(value) if isinstance(value, PlainText) else value
        if type(truth) is not bool:
            refuse(value, self.allowed)
        return truth

    def json_schema(self) -> JsonObject:
        """Describe the truth."""
        return {"type": "boolean"}


class Choice(Strict):
    """One of a few words."""

    def __init__(self, words: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.words = tuple(words)
        self.allowed = "one of " + ", ".join(words)

    def read(self, value: Any) -> str:
        """Take one of the words."""
        if not isinstance(value, str) or value not in self.words:
            refuse(value, self.allowed, nearest(value, self.words) if isinstance(value, str) else None)
        return str(value)

    def json_schema(self) -> JsonObject:
        """Describe the words."""
        return {"enum": list(self.words)}


class Title(Strict):
    """A title: text, or one text a language."""

    allowed = "text of 1 to 120 characters, or {en: …, ru: …}"
    _one = Text(most=120)

    def read(self, value: Any) -> Any:
        """Take either form."""
        if not isinstance(value, dict):
            return self._one.read(value) if isinstance(value, str) else refuse(value, self.allowed)
        if not value or not all(re.fullmatch(r"[a-z]{2,3}", str(language)) for language in value):
            refuse(value, self.allowed)
        return {str(language): self._one.read(text) for language, text in value.items()}

    def json_schema(self) -> JsonObject:
        """Describe both forms."""
        one = self._one.json_schema()
        names = {"pattern": "^[a-z]{2,3}$"}
        several: dict[str, Json] = {"type": "object", "propertyNames": names, "additionalProperties": one}
        return {"anyOf": [one, {**several, "minProperties": 1}]}


class JsonMap(Strict):
    """A map of any JSON, as the plugin's own matter."""

    allowed = "a map"

    def read(self, value: Any) -> Any:
        """Give plain scalars the types that JSON gives them."""
        if not isinstance(value, dict):
            refuse(value, self.allowed)
        return typed(value)

    def json_schema(self) -> JsonObject:
        """Describe the map."""
        return {"type": "object"}


class ParamsForm(Strict):
    """A schema of params: the short form, or JSON Schema."""

    allowed = "a schema, such as {color: string?, size: int?}"

    def read(self, value: Any) -> Any:
        """Compile the schema, and keep what was written."""
        try:
            params.compile(value, root="")
        except BadParamsSchema as error:
            raise ValidationError([_inner(value, problem) for problem in error.problems[:MOST]]) from error
        return typed(value) if params.is_json_schema(value) else as_written(value)

    def json_schema(self) -> JsonObject:
        """Describe the schema."""
        return {"type": "object", "description": self.allowed}


def _inner(value: Any, problem: Problem) -> Any:
    inside = steps_of(value, problem.path)
    return Wrong(problem.found, problem.allowed, problem.suggestion, inside)


class MapOf(fields.Nested):
    """A map with keys of its own."""

    def make_error(self, key: str, **_: Any) -> ValidationError:
        """Word every mistake in our own way."""
        return ValidationError([Wrong(_ABSENT.get(key, MISSHAPEN), "a map")])


class ListOf(fields.List[Any]):
    """A list of one kind of thing, bounded in length."""

    def __init__(self, inner: fields.Field[Any], *, most: int = 256, **more: Any) -> None:
        super().__init__(inner, **more)
        self.most = most
        self.allowed = f"a list of at most {most}"

    def make_error(self, key: str, **_: Any) -> ValidationError:
        """Word every mistake in our own way."""
        return ValidationError([Wrong(_ABSENT.get(key, MISSHAPEN), self.allowed)])

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list) or len(value) > self.most:
            refuse(value, self.allowed)
        return super()._deserialize(value, attr, data, **kwargs)
