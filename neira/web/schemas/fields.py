"""Fields that take nothing for something else: no 1 for true, only the digits 0 to 9, times with a zone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import marshmallow as ma
from marshmallow import fields, validate

if TYPE_CHECKING:
    from enum import StrEnum

LONGEST = 2000  # characters of a text somebody writes for others to read
_DIGITS = re.compile(r"[0-9]{1,9}")


class Schema(ma.Schema):
    """A schema whose order is that of its fields, and whose loaded form is a frozen value if it names one."""

    class Meta:
        """Refuse what is not declared."""

        unknown = ma.RAISE

    makes: type | None = None

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        return data if self.makes is None else self.makes(**data)


class Text(fields.String):
    """Text of bounded length."""

    def __init__(self, meaning: str, *, least: int = 0, most: int = LONGEST, **rest: Any) -> None:
        super().__init__(validate=validate.Length(least, most), metadata={"description": meaning}, **rest)


class Truth(fields.Boolean):
    """True or false, as JSON says it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise ma.ValidationError("true or false")
        return value


class WrittenTruth(fields.Boolean):
    """True or false as a part of a form says it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        known = {"true": True, "1": True, "false": False, "0": False}
        if value not in known:
            raise ma.ValidationError("true or false")
        return known[value]


class WrittenCount(fields.Integer):
    """A whole number as a query string says it."""

    def __init__(self, meaning: str, *, least: int, most: int, **rest: Any) -> None:
        super().__init__(validate=validate.Range(least, most), metadata={"description": meaning}, **rest)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise ma.ValidationError("a whole number in the digits 0 to 9")
        return int(value)


class Count(fields.Integer):
    """A whole number, as JSON says it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if type(value) is not int:
            raise ma.ValidationError("a whole number")
        return value


class Moment(fields.DateTime):
    """A time with its zone."""

    def __init__(self, meaning: str, **rest: Any) -> None:
        super().__init__(format="iso", metadata={"description": meaning}, **rest)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) and value.isascii() else None
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise ma.ValidationError("a time with its zone, such as 2030-01-01T00:00:00Z")
        return found


def one_of(kind: type[StrEnum], meaning: str, **rest: Any) -> fields.Enum[Any]:
    """Take one word of a closed list."""
    return fields.Enum(kind, by_value=True, metadata={"description": meaning}, **rest)
